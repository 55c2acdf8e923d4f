//! The memory, in a simulated control group and of the machine.

use std::fs;
use std::path::{Path, PathBuf};

use health_runtime::Check;
use health_runtime::checks::Memory;
use health_tests::alone::{self, Mount};
use health_tests::folder::Folder;
use health_tests::test_name;
use serde_json::json;

use super::{entry, health, tmpfs};

/// Mounts a control group of this limit over the real one, with this usage, some of it page cache, in MiB.
fn show_control_group(folder: &Folder, limit: u64, used: u64, cache: u64) -> [Mount; 3] {
    let own = PathBuf::from(format!("/proc/{}", std::process::id()));
    let instead = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        Mount::new(&["--bind".as_ref(), path.as_os_str()], &own.join(name))
    };
    let groups = instead("cgroup", "0::/\n");
    let mounts = instead("mountinfo", "30 23 0:26 / /sys/fs/cgroup ro - cgroup2 cgroup rw\n");
    let top = Path::new("/sys/fs/cgroup");
    let hierarchy = tmpfs("size=1m", top);
    let bytes = |mib: u64| mib << 20;
    fs::write(top.join("memory.max"), format!("{}\n", bytes(limit))).unwrap();
    fs::write(top.join("memory.current"), format!("{}\n", bytes(used))).unwrap();
    let counts = format!("inactive_file {}\nactive_file {}\n", bytes(cache / 2), bytes(cache - cache / 2));
    fs::write(top.join("memory.stat"), counts).unwrap();
    [groups, mounts, hierarchy]
}

#[tokio::test]
async fn the_container_limit_takes_precedence_over_machine_memory() {
    if !alone::among_mounts(test_name!()) {
        return;
    }
    let folder = Folder::new();
    let _shown = show_control_group(&folder, 64, 63, 0);
    let health = health(Check::readiness("it", Memory::builder().build().unwrap()));
    let error = "more than 95% of the memory is used";
    assert_eq!(entry(&health).await, json!({"status": "down", "error": error, "used_percent": 98.4, "limit_mb": 67}));
}

#[tokio::test]
async fn page_cache_is_not_used_memory() {
    if !alone::among_mounts(test_name!()) {
        return;
    }
    let folder = Folder::new();
    let _shown = show_control_group(&folder, 64, 63, 41);
    let health = health(Check::readiness("it", Memory::builder().build().unwrap()));
    assert_eq!(entry(&health).await, json!({"status": "up", "used_percent": 34.4, "limit_mb": 67}));
}

#[tokio::test]
async fn reclaimable_memory_of_the_kernel_is_not_used_memory() {
    if !alone::among_mounts(test_name!()) {
        return;
    }
    let folder = Folder::new();
    let _shown = show_control_group(&folder, 64, 63, 0);
    let stat = format!("inactive_file 0\nactive_file 0\nslab_reclaimable {}\n", 41 << 20);
    fs::write("/sys/fs/cgroup/memory.stat", stat).unwrap();
    let health = health(Check::readiness("it", Memory::builder().build().unwrap()));
    assert_eq!(entry(&health).await, json!({"status": "up", "used_percent": 34.4, "limit_mb": 67}));
}

/// In gVisor the statistics lack most figures.
#[tokio::test]
async fn an_unknown_page_cache_is_not_down() {
    if !alone::among_mounts(test_name!()) {
        return;
    }
    let folder = Folder::new();
    let _shown = show_control_group(&folder, 64, 63, 0);
    let health = health(Check::readiness("it", Memory::builder().build().unwrap()));
    let error = "more than 95% of the memory is used";
    let degraded = json!({"status": "degraded", "error": error, "used_percent": 98.4, "limit_mb": 67});
    fs::write("/sys/fs/cgroup/memory.stat", "anon 1\n").unwrap();
    assert_eq!(entry(&health).await, degraded);
    fs::remove_file("/sys/fs/cgroup/memory.stat").unwrap();
    assert_eq!(entry(&health).await, degraded);
}

#[tokio::test]
async fn the_memory_of_this_machine_is_up() {
    let memory = Memory::builder().warn_used_percent(100).max_used_percent(100).build().unwrap();
    let entry = entry(&health(Check::readiness("it", memory))).await;
    assert_eq!(entry["status"], "up", "{entry}");
    let used = entry["used_percent"].as_f64().unwrap();
    assert!(0.0 < used && used < 100.0, "{entry}");
    assert!(entry["limit_mb"].as_u64().unwrap() > 0, "{entry}");
}
