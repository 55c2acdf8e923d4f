//! Figures that are excluded, and sources that are missing.

use super::*;

/// A million names that do not exist, kept by the kernel, fill 300 MB.
#[test]
fn reclaimable_memory_of_the_kernel_is_not_used() {
    let stat = format!("anon 1\ninactive_file 0\nactive_file 0\nslab_reclaimable {}\nslab_unreclaimable 9\n", 290 * MIB);
    let tree = Tree::new("0::/app\n", &[UNIFIED]).v2("sys/fs/cgroup/app", "314572800", 299 * MIB);
    tree.file("sys/fs/cgroup/app/memory.stat", &stat).assert_usage(9 * MIB, 300 * MIB);
    let tree = Tree::new("4:memory:/app\n", &[MEMORY_V1]).v1("sys/fs/cgroup/memory/app", 300 * MIB, 299 * MIB);
    let kernel = (250 * MIB).to_string();
    tree.file("sys/fs/cgroup/memory/app/memory.kmem.usage_in_bytes", &kernel).assert_usage(19 * MIB, 300 * MIB);
}

#[test]
fn the_page_cache_without_its_lists_is_the_cache_without_shared_memory() {
    let tree = || Tree::new("0::/app\n", &[UNIFIED]).v2("sys/fs/cgroup/app", "536870912", 500 * MIB);
    let stat = format!("file {}\nshmem {}\n", 300 * MIB, 60 * MIB);
    for list in ["", "inactive_file 5\n", "active_file 5\n", "inactive_file x\nactive_file 5\n"] {
        tree().file("sys/fs/cgroup/app/memory.stat", &format!("{stat}{list}")).assert_usage(260 * MIB, 512 * MIB);
    }
    let tree = Tree::new("4:memory:/app\n", &[MEMORY_V1]).v1("sys/fs/cgroup/memory/app", 512 * MIB, 500 * MIB);
    let stat = format!("cache 7\nshmem 7\ntotal_cache {}\ntotal_shmem {}\n", 300 * MIB, 60 * MIB);
    tree.file("sys/fs/cgroup/memory/app/memory.stat", &stat).assert_usage(260 * MIB, 512 * MIB);
}

/// In a sandbox such as gVisor `memory.stat` has few figures, or does not exist.
#[test]
fn an_unknown_page_cache_counts_as_used() {
    let tree = || Tree::new("0::/app\n", &[UNIFIED]).v2("sys/fs/cgroup/app", "536870912", 500 * MIB);
    let stat = |text: &str| tree().file("sys/fs/cgroup/app/memory.stat", text).read().unwrap();
    let inexact = |used_bytes| MemoryUsage { used_bytes, limit_bytes: 512 * MIB, may_include_cache: true };
    assert_eq!(stat(""), inexact(500 * MIB));
    assert_eq!(stat("file 10485760\n"), inexact(500 * MIB));
    assert_eq!(stat("inactive_file 10485760\n"), inexact(490 * MIB));
    assert_eq!(stat("active_file 10485760\ninactive_file ?\nslab_reclaimable 5242880\n"), inexact(485 * MIB));
    let without_stat = tree();
    fs::remove_file(without_stat.0.join("sys/fs/cgroup/app/memory.stat")).unwrap();
    assert_eq!(without_stat.read().unwrap(), inexact(500 * MIB));
}

#[test]
fn another_group_or_the_machine_counts_if_a_group_cannot_be_read() {
    let tree = |file: &str, text: Option<&str>| {
        let tree = Tree::new("0::/pod/app\n", &[UNIFIED]).v2("sys/fs/cgroup/pod/app", "268435456", 130 * MIB);
        let path = tree.0.join("sys/fs/cgroup/pod/app").join(file);
        if let Some(text) = text {
            fs::write(path, text).unwrap();
        } else {
            fs::remove_file(&path).unwrap();
            // A path that exists and is not readable, even for root.
            fs::create_dir(path).unwrap();
        }
        tree
    };
    for (file, text) in [
        ("memory.max", Some("lots\n")),
        ("memory.max", Some("")),
        ("memory.max", None),
        ("memory.current", Some("-1\n")),
        ("memory.current", None),
    ] {
        tree(file, text).assert_usage(4 * GIB, 16 * GIB);
        tree(file, text).v2("sys/fs/cgroup/pod", "536870912", 230 * MIB).assert_usage(200 * MIB, 512 * MIB);
    }
}

#[test]
fn the_container_counts_if_a_file_of_proc_cannot_be_read() {
    for missing in ["meminfo", "self/cgroup", "self/mountinfo", "self"] {
        let version_2 = Tree::new("0::/\n", &[UNIFIED]).v2("sys/fs/cgroup", "536870912", 130 * MIB);
        let version_1 = Tree::new("4:memory:/\n", &[MEMORY_V1]).v1("sys/fs/cgroup/memory", 512 * MIB, 130 * MIB);
        for tree in [version_2, version_1] {
            let path = tree.0.join("proc").join(missing);
            if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) }.unwrap();
            tree.assert_usage(100 * MIB, 512 * MIB);
        }
    }
    let unlimited = Tree::new("4:memory:/\n", &[MEMORY_V1]).v1("sys/fs/cgroup/memory", NO_LIMIT, 130 * MIB);
    unlimited.file("proc/meminfo", "").read().unwrap_err();
}

#[tokio::test]
async fn without_a_source_the_check_is_degraded() {
    let tree = Tree::new("", &[]);
    fs::remove_dir_all(tree.0.join("proc")).unwrap();
    let memory = Memory { thresholds: DEFAULT_THRESHOLDS, files: Arc::new(ProcFs::at(&tree.0)) };
    assert_eq!(summary(&memory.run().await), "Degraded: usage cannot be read");
}
