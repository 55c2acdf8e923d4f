//! When a kept connection is used again, and when it is replaced.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use tokio::time::advance;

use crate::checks::shared::connector::KeptConnection;
use crate::checks::shared::connector::kept_connection::MAX_AGE;

/// A server whose connections are numbered from 1. A query returns the number of its connection.
#[derive(Default)]
struct Server {
    opened: AtomicU32,
    kept: KeptConnection<u32>,
}

impl Server {
    /// Runs a query, which fails on connections for which `fails` is true.
    async fn query(&self, fails: impl Fn(u32) -> bool) -> Result<u32, String> {
        let connect = async { Ok(self.opened.fetch_add(1, Ordering::Relaxed) + 1) };
        let query = |number| {
            let failed = fails(number);
            async move { if failed { Err(format!("{number} is unexpected")) } else { Ok((number, number)) } }
        };
        self.kept.query(connect, query).await
    }
}

#[tokio::test(start_paused = true)]
async fn a_connection_is_kept_up_to_its_maximum_age() {
    let server = Server::default();
    assert_eq!(server.query(|_| false).await, Ok(1));
    for _ in 0..29 {
        advance(Duration::from_secs(1)).await;
        assert_eq!(server.query(|_| false).await, Ok(1));
    }
    advance(Duration::from_millis(999)).await;
    assert_eq!(server.query(|_| false).await, Ok(1), "being used does not make it younger, and it is not yet 30 s old");
    advance(Duration::from_millis(1)).await;
    assert_eq!(server.query(|_| false).await, Ok(2));
    advance(Duration::from_millis(29_999)).await;
    assert_eq!(server.query(|_| false).await, Ok(2));
    advance(MAX_AGE * 100).await;
    assert_eq!(server.query(|_| false).await, Ok(3));
}

#[tokio::test(start_paused = true)]
async fn a_query_that_fails_is_repeated_over_a_new_connection() {
    let server = Server::default();
    assert_eq!(server.query(|_| false).await, Ok(1));
    assert_eq!(server.query(|number| number == 1).await, Ok(2), "within the same run");
    assert_eq!(server.query(|_| false).await, Ok(2));
    advance(Duration::from_millis(29_999)).await;
    assert_eq!(server.query(|_| false).await, Ok(2), "its age counts from its own start");
}

#[tokio::test(start_paused = true)]
async fn a_new_connection_that_fails_is_neither_repeated_nor_kept() {
    let server = Server::default();
    for number in 1..=3 {
        assert_eq!(server.query(|_| true).await, Err(format!("{number} is unexpected")));
    }
    assert_eq!(server.query(|_| false).await, Ok(4));
    assert_eq!(server.query(|_| true).await, Err("5 is unexpected".to_owned()), "the last one counts");
    assert_eq!(server.query(|_| false).await, Ok(6));
}
