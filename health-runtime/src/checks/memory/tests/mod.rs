//! The layouts of real systems, as directory trees.

mod sources;

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use super::*;
use crate::checks::shared::test_support::summary::{summary, usage_problems};

const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;

const UNIFIED: &str = "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate";
const HYBRID_UNIFIED: &str = "42 32 0:39 / /sys/fs/cgroup/unified rw,nosuid - cgroup2 cgroup2 rw";
const MEMORY_V1: &str = "36 32 0:33 / /sys/fs/cgroup/memory rw,nosuid shared:9 - cgroup cgroup rw,memory";
const OTHER_MOUNTS: [&str; 4] = [
    "27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw",
    "22 27 0:21 / /proc rw,relatime - proc proc rw",
    "33 32 0:30 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct",
    "61 27 0:52 / /mnt/a\\040-\\040b rw - tmpfs memory rw,memory",
];

/// The files of a machine with 16 GiB, of which 4 GiB are used.
struct Tree(PathBuf);

impl Tree {
    fn new(groups: &str, mounts: &[&str]) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let root = std::env::temp_dir().join(format!("health-memory-{}-{number}", std::process::id()));
        let tree = Self(root);
        let mounts = [&OTHER_MOUNTS[..], mounts].concat().join("\n");
        tree.file("proc/meminfo", "MemTotal:       16777216 kB\nMemFree:         1048576 kB\nMemAvailable:   12582912 kB\n")
            .file("proc/self/cgroup", groups)
            .file("proc/self/mountinfo", &mounts)
    }

    fn file(self, path: &str, text: &str) -> Self {
        let path = self.0.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    /// Adds a group of version 2 with 30 MiB of page cache.
    fn v2(self, directory: &str, limit: &str, current: u64) -> Self {
        let stat =
            format!("anon 1\nfile 1\ninactive_anon 7\nactive_anon 7\ninactive_file {}\nactive_file {}\n", 20 * MIB, 10 * MIB);
        self.file(&format!("{directory}/memory.max"), &format!("{limit}\n"))
            .file(&format!("{directory}/memory.current"), &format!("{current}\n"))
            .file(&format!("{directory}/memory.stat"), &stat)
    }

    /// Adds a group of version 1 with 30 MiB of page cache in it and its descendants.
    fn v1(self, directory: &str, limit: u64, usage: u64) -> Self {
        let stat = format!("inactive_file 7\nactive_file 7\ntotal_inactive_file {}\ntotal_active_file {}\n", 20 * MIB, 10 * MIB);
        self.file(&format!("{directory}/memory.limit_in_bytes"), &format!("{limit}\n"))
            .file(&format!("{directory}/memory.usage_in_bytes"), &format!("{usage}\n"))
            .file(&format!("{directory}/memory.stat"), &stat)
    }

    fn read(&self) -> io::Result<MemoryUsage> {
        ProcFs::at(&self.0).read_usage()
    }

    #[track_caller]
    fn assert_usage(&self, used_bytes: u64, limit_bytes: u64) {
        assert_eq!(self.read().unwrap(), exact(used_bytes, limit_bytes));
    }
}

fn exact(used_bytes: u64, limit_bytes: u64) -> MemoryUsage {
    MemoryUsage { used_bytes, limit_bytes, may_include_cache: false }
}

impl Drop for Tree {
    fn drop(&mut self) {
        let _removed = fs::remove_dir_all(&self.0);
    }
}

/// The limit of an unlimited group of version 1.
const NO_LIMIT: u64 = 9_223_372_036_854_771_712;

#[test]
fn the_limit_of_the_group_counts_in_version_2() {
    let tree = Tree::new("0::/system.slice/app.service\n", &[UNIFIED]);
    let tree = tree.v2("sys/fs/cgroup/system.slice/app.service", "536870912", 130 * MIB);
    let tree = tree.v2("sys/fs/cgroup/system.slice", "max", 900 * MIB);
    tree.assert_usage(100 * MIB, 512 * MIB);
}

#[test]
fn the_lower_limit_of_an_ancestor_counts_in_version_2() {
    let tree = Tree::new("0::/pod/app/worker\n", &[UNIFIED]);
    let tree = tree.v2("sys/fs/cgroup/pod/app/worker", "max", 130 * MIB);
    let tree = tree.v2("sys/fs/cgroup/pod/app", "536870912", 230 * MIB);
    let tree = tree.v2("sys/fs/cgroup/pod", "268435456", 250 * MIB);
    tree.assert_usage(220 * MIB, 256 * MIB);
}

#[test]
fn of_equal_limits_the_outermost_counts() {
    let tree = Tree::new("0::/pod/app\n", &[UNIFIED]);
    let tree = tree.v2("sys/fs/cgroup/pod/app", "536870912", 130 * MIB);
    let tree = tree.v2("sys/fs/cgroup/pod", "536870912", 430 * MIB);
    tree.assert_usage(400 * MIB, 512 * MIB);
}

#[test]
fn the_limit_of_a_container_counts_in_version_2() {
    // With a private namespace; with two paths of the host, which are not in the mount; in a bind mount of the group.
    for groups in ["0::/\n", "0::/../../elsewhere\n", "0::/system.slice/docker-4f.scope\n"] {
        Tree::new(groups, &[UNIFIED]).v2("sys/fs/cgroup", "536870912", 130 * MIB).assert_usage(100 * MIB, 512 * MIB);
    }
    let bound = "30 23 0:26 /docker/4f /sys/fs/cgroup ro - cgroup2 cgroup rw";
    for groups in ["0::/docker/4f\n", "0::/docker/4f/gone\n", "0::/another\n"] {
        Tree::new(groups, &[bound]).v2("sys/fs/cgroup", "536870912", 130 * MIB).assert_usage(100 * MIB, 512 * MIB);
    }
    let tree = Tree::new("0::/docker/4f/worker\n", &[bound]).v2("sys/fs/cgroup", "536870912", 130 * MIB);
    tree.v2("sys/fs/cgroup/worker", "104857600", 50 * MIB).assert_usage(20 * MIB, 100 * MIB);
}

#[test]
fn the_limit_of_the_group_counts_in_version_1() {
    let groups = "9:name=systemd:/user\n4:cpu,memory,pids:/app\n1:cpuset:/\n";
    let tree = Tree::new(groups, &[MEMORY_V1]).v1("sys/fs/cgroup/memory", NO_LIMIT, 9 * GIB);
    tree.v1("sys/fs/cgroup/memory/app", 512 * MIB, 130 * MIB).assert_usage(100 * MIB, 512 * MIB);
}

#[test]
fn the_lower_limit_of_an_ancestor_counts_in_version_1() {
    let tree = Tree::new("4:memory:/pod/app\n", &[MEMORY_V1]).v1("sys/fs/cgroup/memory/pod", 256 * MIB, 250 * MIB);
    tree.v1("sys/fs/cgroup/memory/pod/app", 512 * MIB, 130 * MIB).assert_usage(220 * MIB, 256 * MIB);
}

#[test]
fn the_limit_of_a_container_counts_in_version_1() {
    let bound = "36 32 0:33 /docker/4f /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory";
    for mount in [bound, MEMORY_V1] {
        let tree = Tree::new("4:memory:/docker/4f\n0::/docker/4f\n", &[mount]);
        tree.v1("sys/fs/cgroup/memory", 512 * MIB, 130 * MIB).assert_usage(100 * MIB, 512 * MIB);
    }
}

#[test]
fn version_1_counts_if_both_versions_are_mounted() {
    let tree = Tree::new("4:memory:/app\n0::/init.scope\n", &[HYBRID_UNIFIED, MEMORY_V1]);
    // A real group of version 2 without the controller has no such files. The check must not read them.
    let tree = tree.v2("sys/fs/cgroup/unified/init.scope", "104857600", 90 * MIB);
    let tree = tree.v2("sys/fs/cgroup/unified/app", "104857600", 90 * MIB);
    tree.v1("sys/fs/cgroup/memory/app", 512 * MIB, 130 * MIB).assert_usage(100 * MIB, 512 * MIB);
}

#[test]
fn version_2_counts_if_version_1_has_other_controllers() {
    let tree = Tree::new("2:cpu,cpuacct:/app\n1:name=memory:/app\n0::/app\n", &[HYBRID_UNIFIED]);
    tree.v2("sys/fs/cgroup/unified/app", "536870912", 130 * MIB).assert_usage(100 * MIB, 512 * MIB);
}

#[test]
fn the_machine_counts_if_no_limit_is_below_its_memory() {
    Tree::new("", &[]).assert_usage(4 * GIB, 16 * GIB);
    Tree::new("0::/app\n", &[]).assert_usage(4 * GIB, 16 * GIB);
    Tree::new("4:memory:/app\n", &[UNIFIED]).assert_usage(4 * GIB, 16 * GIB);
    Tree::new("0::/app\n", &[UNIFIED]).assert_usage(4 * GIB, 16 * GIB);
    Tree::new("0::/app\n", &[UNIFIED]).v2("sys/fs/cgroup/app", "max", GIB).assert_usage(4 * GIB, 16 * GIB);
    for limit in [16 * GIB, 17 * GIB, NO_LIMIT] {
        let tree = Tree::new("0::/app\n", &[UNIFIED]).v2("sys/fs/cgroup/app", &limit.to_string(), GIB);
        tree.assert_usage(4 * GIB, 16 * GIB);
        let tree = Tree::new("4:memory:/app\n", &[MEMORY_V1]).v1("sys/fs/cgroup/memory/app", limit, GIB);
        tree.assert_usage(4 * GIB, 16 * GIB);
    }
    let without_groups = Tree::new("", &[]);
    fs::remove_dir_all(without_groups.0.join("proc/self")).unwrap();
    without_groups.assert_usage(4 * GIB, 16 * GIB);
}

#[test]
fn a_mount_point_may_contain_a_space() {
    let tree = Tree::new("0::/app\n", &["30 23 0:26 / /my\\040groups rw - cgroup2  rw"]);
    tree.v2("my groups/app", "536870912", 130 * MIB).assert_usage(100 * MIB, 512 * MIB);
}

#[test]
fn more_page_cache_than_used_memory_is_zero_usage() {
    let tree = Tree::new("0::/app\n", &[UNIFIED]).v2("sys/fs/cgroup/app", "536870912", 29 * MIB);
    tree.assert_usage(0, 512 * MIB);
}

#[test]
fn the_process_may_be_moved_to_another_group() {
    let tree = Tree::new("0::/one\n", &[UNIFIED]).v2("sys/fs/cgroup/one", "536870912", 130 * MIB);
    let files = ProcFs::at(&tree.0);
    assert_eq!(files.read_usage().unwrap(), exact(100 * MIB, 512 * MIB));
    let _tree = tree.v2("sys/fs/cgroup/two", "268435456", 80 * MIB).file("proc/self/cgroup", "0::/two\n");
    assert_eq!(files.read_usage().unwrap(), exact(50 * MIB, 256 * MIB));
}

#[test]
fn usage_above_a_threshold_is_degraded_or_down() {
    for (used_bytes, expected) in [
        (0, "Up, used_percent 0, limit_mb 537"),
        (256 * MIB, "Up, used_percent 50, limit_mb 537"),
        (470 * MIB, "Degraded: more than 90% of the memory is used, used_percent 91.8, limit_mb 537"),
        (500 * MIB, "Down: more than 95% of the memory is used, used_percent 97.7, limit_mb 537"),
    ] {
        assert_eq!(summary(&evaluate(exact(used_bytes, 512 * MIB), DEFAULT_THRESHOLDS)), expected);
    }
    let with_cache = MemoryUsage { may_include_cache: true, ..exact(500 * MIB, 512 * MIB) };
    let expected = "Degraded: more than 95% of the memory is used, used_percent 97.7, limit_mb 537";
    assert_eq!(summary(&evaluate(with_cache, DEFAULT_THRESHOLDS)), expected);
    let without_limit = summary(&evaluate(exact(5, 0), DEFAULT_THRESHOLDS));
    assert_eq!(without_limit, "Down: more than 95% of the memory is used, used_percent 100, limit_mb 0");
    let largest = exact(u64::MAX, u64::MAX);
    let never_down = UsageThresholds { warn: 100, max: 100 };
    assert_eq!(summary(&evaluate(largest, never_down)), "Up, used_percent 100, limit_mb 18446744073709");
}

#[test]
fn build_reports_all_invalid_settings() {
    let error = Memory::builder().max_used_percent(101).warn_used_percent(0).build().unwrap_err();
    assert_eq!(error.to_string(), usage_problems("Memory", [("max", 101, 95), ("warn", 0, 90)]));
}
