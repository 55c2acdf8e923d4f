//! Unit tests of a check, and of the responses of the service.
//!
//! ```text
//! cargo test -p health-examples --bin testing
//! ```

use std::error::Error;

use health_runtime::{Health, Kind, health_check};

/// The queue of unprocessed orders.
struct Queue {
    waiting: usize,
}

/// The queue accepts more work.
#[health_check(readiness)]
fn queue(queue: &Queue) -> Result<(), &'static str> {
    if queue.waiting < 1_000 { Ok(()) } else { Err("queue is full") }
}

#[actix_web::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let health = Health::builder().state(Queue { waiting: 0 }).start()?;
    println!("{}", health.report(Kind::Readiness).await.state());
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use actix_web::{App, test as actix};
    use health_runtime::Check;

    use super::*;

    /// An annotated function can be called like any function.
    #[test]
    fn a_full_queue_is_not_ready() {
        assert_eq!(queue(&Queue { waiting: 999 }), Ok(()));
        assert_eq!(queue(&Queue { waiting: 1_000 }), Err("queue is full"));
    }

    /// With the paused clock, timeouts and intervals take no real time.
    #[tokio::test(start_paused = true)]
    async fn a_check_that_hangs_makes_the_service_unready() -> Result<(), Box<dyn Error>> {
        let stuck = Check::readiness("stuck", std::future::pending::<()>).timeout(Duration::from_millis(100));
        let health = Health::builder().linked_checks(false).check(stuck).start()?; // without the queue, which has a separate test
        let app = actix::init_service(App::new().service(health.service())).await;
        let response = actix::call_service(&app, actix::TestRequest::with_uri("/readyz/stuck").to_request()).await;
        assert_eq!(response.status(), 503);
        let report = health.report(Kind::Readiness).await;
        assert_eq!(report.check("stuck").and_then(|check| check.error()), Some("timed out after 100ms"));
        Ok(())
    }
}
