//! Three replicas, one of which must answer: with one or two the service is degraded, and stays in rotation.

use health_runtime::{Health, Kind, health_check};

struct Replica {
    answers: bool,
}

#[health_check(readiness, quorum = 1)]
fn replica(#[each] replica: &Replica) -> Result<(), std::io::Error> {
    if replica.answers { Ok(()) } else { Err(std::io::ErrorKind::ConnectionRefused.into()) }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    for answering in (0..=3).rev() {
        let mut builder = Health::builder();
        for (index, name) in ["a", "b", "c"].into_iter().enumerate() {
            builder = builder.named_state(name, Replica { answers: index < answering });
        }
        let report = builder.start()?.report(Kind::Readiness).await;
        println!("{answering} of 3: {}", report.state());
    }
    Ok(())
}
