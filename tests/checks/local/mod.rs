//! The checks of disk, memory and file descriptors, on real file systems, in a child process that may mount them, and with a
//! real limit of descriptors.

#![cfg(target_os = "linux")]

mod disk;
mod file_descriptors;
mod memory;

use std::path::Path;
use std::time::Duration;

use health_runtime::checks::{Disk, FileDescriptors, Memory};
use health_runtime::{Check, Health, Kind, Outcome, Status, health_check};
use health_tests::alone::{self, Mount};
use health_tests::test_name;
use serde_json::Value;

const LIMIT: Duration = Duration::from_mins(2);

/// Starts a health with one check, which runs on every probe.
fn health(check: Check) -> Health {
    Health::builder().linked_checks(false).deadline(LIMIT).check(check.timeout(LIMIT).cache(Duration::ZERO)).start().unwrap()
}

/// Returns the entry of the only check, without its latency.
async fn entry(health: &Health) -> Value {
    let body = serde_json::to_value(&*health.report(Kind::Readiness).await).unwrap();
    let mut entry = body["checks"]["it"].clone();
    entry.as_object_mut().unwrap().remove("latency_ms").unwrap();
    entry
}

fn tmpfs(options: &str, at: &Path) -> Mount {
    Mount::new(&["-t", "tmpfs", "-o", options, "none"], at)
}

/// The machine has memory left.
#[health_check(liveness, timeout = "2m")]
async fn memory(memory: &Memory) -> Outcome {
    memory.run().await
}

/// The process has descriptors left.
#[health_check(liveness, timeout = "2m")]
async fn descriptors(descriptors: &FileDescriptors) -> Outcome {
    descriptors.run().await
}

/// There is room for uploads.
#[health_check(readiness, timeout = "2m")]
async fn uploads(disk: &Disk) -> Outcome {
    disk.run().await
}

#[tokio::test]
async fn checks_run_in_annotated_functions_and_by_themselves() {
    let memory = Memory::builder().warn_used_percent(100).max_used_percent(100).build().unwrap();
    let descriptors = FileDescriptors::builder().warn_used_percent(100).max_used_percent(100).build().unwrap();
    let disk = Disk::builder(std::env::temp_dir()).min_free(0).warn_free(0).warn_free_inodes_percent(0).build().unwrap();
    let health = Health::builder()
        .without("annotated")
        .deadline(LIMIT)
        .check(Check::liveness("own_memory", memory.clone()).timeout(LIMIT))
        .check(Check::liveness("own_descriptors", descriptors.clone()).timeout(LIMIT))
        .check(Check::readiness("own_disk", disk.clone()).and(Kind::Startup).timeout(LIMIT))
        .state(memory)
        .state(descriptors)
        .state(disk)
        .start()
        .unwrap();
    for (kind, expected) in [
        (Kind::Liveness, vec!["descriptors up", "memory up", "own_descriptors up", "own_memory up"]),
        (Kind::Readiness, vec!["own_disk up", "uploads up"]),
        (Kind::Startup, vec!["own_disk up"]),
    ] {
        let report = health.report(kind).await;
        let checks: Vec<String> =
            report.checks().map(|check| format!("{} {}", check.name(), format!("{:?}", check.status()).to_lowercase())).collect();
        assert_eq!(checks, expected);
    }
}

#[tokio::test]
async fn liveness_checks_are_not_down_without_proc() {
    if !alone::among_mounts(test_name!()) {
        return;
    }
    let checks = [
        Check::liveness("memory", Memory::builder().build().unwrap()),
        Check::liveness("descriptors", FileDescriptors::builder().build().unwrap()),
    ];
    let builder = Health::builder().linked_checks(false).deadline(LIMIT);
    let health = checks.into_iter().fold(builder, |builder, check| builder.check(check.timeout(LIMIT))).start().unwrap();
    // `umount` needs `/proc`. The mounts end with this process.
    for hidden in ["/sys/fs/cgroup", "/proc"] {
        std::mem::forget(tmpfs("size=1m", Path::new(hidden)));
    }
    let report = health.report(Kind::Liveness).await;
    let checks: Vec<_> = report.checks().map(|check| (check.name(), check.status(), check.error())).collect();
    let unknown = Some("usage cannot be read");
    assert_eq!(checks, [("descriptors", Status::Degraded, unknown), ("memory", Status::Degraded, unknown)]);
}

#[tokio::test]
async fn a_disk_is_rejected_as_a_liveness_check() {
    let disk = Disk::builder("/").build().unwrap();
    let (line, check) = (line!(), Check::liveness("disk", disk));
    let refused = Health::builder().linked_checks(false).check(check).start().unwrap_err().to_string();
    let reason = "checks an external dependency and must not be a liveness check; use `Check::readiness`";
    assert_eq!(refused, format!("health cannot start; 1 problem:\n  health check `disk` ({}:{line}) {reason}", file!()));
}
