//! The file descriptors, opened until none is left.

use std::fs::File;

use health_runtime::Check;
use health_runtime::checks::FileDescriptors;
use health_tests::alone;
use health_tests::test_name;
use rustix::process::{Resource, getrlimit, setrlimit};
use serde_json::{Value, json};

use super::{entry, health};

#[tokio::test]
async fn file_descriptors_are_degraded_then_down_while_they_run_out() {
    if !alone::in_process(test_name!()) {
        return;
    }
    let health = health(Check::readiness("it", FileDescriptors::builder().build().unwrap()));
    let open = |entry: &Value| usize::try_from(entry["open"].as_u64().unwrap()).unwrap();
    let before = entry(&health).await;
    let mut limit = getrlimit(Resource::Nofile);
    assert_eq!((&before["status"], before["limit"].as_u64()), (&json!("up"), limit.current));
    limit.current = Some(1000);
    setrlimit(Resource::Nofile, limit).unwrap();

    let mut opened = Vec::new();
    let up = entry(&health).await;
    assert_eq!(up, json!({"status": "up", "open": open(&before), "limit": 1000}));
    for (until, error) in [
        (800, None),
        (801, Some(("degraded", "more than 80% of the file descriptors are open"))),
        (950, Some(("degraded", "more than 80% of the file descriptors are open"))),
        (951, Some(("down", "more than 95% of the file descriptors are open"))),
        (1000, Some(("down", "all 1000 file descriptors are open"))),
    ] {
        while open(&up) + opened.len() < until {
            opened.push(File::open("/dev/null").unwrap());
        }
        let expected = match error {
            None => json!({"status": "up", "open": until, "limit": 1000}),
            Some((status, error)) => json!({"status": status, "error": error, "open": until, "limit": 1000}),
        };
        assert_eq!(entry(&health).await, expected);
    }
    assert!(File::open("/dev/null").is_err());
    drop(opened);
    assert_eq!(entry(&health).await, up);
}
