//! The disk, on real file systems.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use health_runtime::checks::{Disk, MIB};
use health_runtime::{Check, Health};
use health_tests::alone::{self, Mount};
use health_tests::folder::Folder;
use health_tests::process::threads_named;
use health_tests::test_name;
use health_tests::until;
use serde_json::{Value, json};

use super::{LIMIT, entry, health, tmpfs};

fn disk(disk: Disk) -> Health {
    health(Check::readiness("it", disk))
}

/// Creates a folder to mount on.
fn empty(around: &Path, name: &str) -> PathBuf {
    let path = around.join(name);
    fs::create_dir(&path).unwrap();
    path
}

#[tokio::test]
async fn a_full_inode_table_is_down_while_space_is_free() {
    if !alone::among_mounts(test_name!()) {
        return;
    }
    let folder = Folder::new();
    let at = empty(folder.path(), "volume");
    // The root of the volume uses one inode.
    let _volume = tmpfs("size=10m,nr_inodes=40", &at);
    let health = disk(Disk::builder(&at).mount_point().build().unwrap());
    let file = |number: usize| at.join(number.to_string());
    let free =
        |entry: &str| serde_json::from_str::<Value>(&entry.replace('}', r#","free_gb":0.01,"free_percent":100}"#)).unwrap();
    assert_eq!(entry(&health).await, free(r#"{"status":"up"}"#));
    (1..=36).for_each(|number| drop(File::create(file(number)).unwrap()));
    let few = r#"{"status":"degraded","error":"less than 10% of the inodes are free"}"#;
    assert_eq!(entry(&health).await, free(few));
    (37..=39).for_each(|number| drop(File::create(file(number)).unwrap()));
    assert!(File::create(file(40)).is_err());
    assert_eq!(entry(&health).await, free(r#"{"status":"down","error":"no inode is free"}"#));
    (1..=39).for_each(|number| fs::remove_file(file(number)).unwrap());
    assert_eq!(entry(&health).await, free(r#"{"status":"up"}"#));
}

#[tokio::test(start_paused = true)]
async fn the_paused_clock_waits_for_the_result() {
    let folder = Folder::new();
    for _ in 0..20 {
        let lenient = Disk::builder(folder.path()).min_free_percent(0).warn_free_percent(0).build().unwrap();
        let found = entry(&disk(lenient)).await;
        assert_eq!(found["status"], "up", "{found}");
    }
}

#[tokio::test]
async fn a_read_only_file_system_is_down() {
    if !alone::among_mounts(test_name!()) {
        return;
    }
    let folder = Folder::new();
    let at = empty(folder.path(), "volume");
    let volume = tmpfs("size=10m", &at);
    let written = disk(Disk::builder(&at).build().unwrap());
    let read = disk(Disk::builder(&at).read_only().build().unwrap());
    let up = json!({"status": "up", "free_gb": 0.01, "free_percent": 100});
    assert_eq!((entry(&written).await, entry(&read).await), (up.clone(), up.clone()));
    volume.remount("ro");
    let down = json!({"status": "down", "error": "read-only file system", "free_gb": 0.01, "free_percent": 100});
    assert_eq!((entry(&written).await, entry(&read).await), (down, up.clone()));
    volume.remount("rw");
    assert_eq!(entry(&written).await, up);
}

/// Since Linux 6.12 the flags of ext4 do not change after an error.
#[tokio::test]
async fn a_file_system_that_gave_up_is_down() {
    if !alone::among_mounts(test_name!()) {
        return;
    }
    let folder = Folder::new();
    let at = empty(folder.path(), "volume");
    let _volume = tmpfs("size=10m", &at);
    let written = disk(Disk::builder(at.join("file")).build().unwrap());
    let read = disk(Disk::builder(&at).read_only().build().unwrap());
    File::create(at.join("file")).unwrap();
    let entry_with = |status: &str| json!({"status": status, "free_gb": 0.01, "free_percent": 100});
    let down = |error: &str| {
        let mut entry = entry_with("down");
        entry["error"] = error.into();
        entry
    };
    let up = entry_with("up");
    for (option, expected) in [
        ("errors=remount-ro", [up.clone(), up.clone()]),
        ("errors=remount-ro,emergency_ro", [down("read-only file system"), up]),
        ("shutdown", [down("file system is shut down"), down("file system is shut down")]),
    ] {
        let mountinfo = folder.path().join("mountinfo");
        fs::write(&mountinfo, format!("42 27 7:0 / {} rw,relatime - ext4 /dev/loop0 rw,{option}\n", at.display())).unwrap();
        let own = PathBuf::from(format!("/proc/{}/mountinfo", std::process::id()));
        let _shown = Mount::new(&["--bind".as_ref(), mountinfo.as_os_str()], &own);
        assert_eq!([entry(&written).await, entry(&read).await], expected, "{option}");
    }
}

#[tokio::test]
async fn an_unmounted_volume_is_down() {
    if !alone::among_mounts(test_name!()) {
        return;
    }
    let folder = Folder::new();
    let at = empty(folder.path(), "around");
    let _around = tmpfs("size=10m", &at);
    let volume = empty(&at, "volume");
    let around = disk(Disk::builder(&volume).build().unwrap());
    let itself = disk(Disk::builder(&volume).mount_point().build().unwrap());
    let none = json!({"status": "down", "error": "no file system is mounted at the path"});
    let up = |gigabytes: f64| json!({"status": "up", "free_gb": gigabytes, "free_percent": 100});
    assert_eq!((entry(&around).await, entry(&itself).await), (up(0.01), none.clone()));
    let mounted = tmpfs("size=50m", &volume);
    assert_eq!((entry(&around).await, entry(&itself).await), (up(0.052), up(0.052)));
    drop(mounted);
    assert_eq!((entry(&around).await, entry(&itself).await), (up(0.01), none));
    // A bind mount on the same file system as its parent folder.
    let _bound = Mount::new(&["--bind".as_ref(), at.as_os_str()], &volume);
    assert_eq!(entry(&itself).await, up(0.01));
}

#[tokio::test]
async fn a_disk_that_fills_up_is_degraded_then_down() {
    if !alone::among_mounts(test_name!()) {
        return;
    }
    let folder = Folder::new();
    let at = empty(folder.path(), "volume");
    let _volume = tmpfs("size=10m", &at);
    let health = disk(Disk::builder(&at).min_free(MIB).warn_free(4 * MIB).build().unwrap());
    let fill = |mib: usize| fs::write(at.join("file"), vec![0; mib << 20]);
    for (mib, expected) in [
        (6, json!({"status": "up", "free_gb": 0.004, "free_percent": 40})),
        (8, json!({"status": "degraded", "error": "less than 4MiB is free", "free_gb": 0.002, "free_percent": 20})),
        (9, json!({"status": "degraded", "error": "less than 4MiB is free", "free_gb": 0.001, "free_percent": 10})),
    ] {
        fill(mib).unwrap();
        assert_eq!(entry(&health).await, expected);
    }
    File::create(at.join("more")).unwrap().set_len(0).unwrap();
    fs::write(at.join("more"), vec![0; 1 << 16]).unwrap();
    let down = json!({"status": "down", "error": "less than 1MiB is free", "free_gb": 0.001, "free_percent": 9.4});
    assert_eq!(entry(&health).await, down);
    assert!(fill(11).is_err());
    let nothing = json!({"status": "down", "error": "no space is free", "free_gb": 0, "free_percent": 0});
    assert_eq!(entry(&health).await, nothing);
}

/// Returns how many threads wait for a file system.
fn waiting() -> usize {
    threads_named("health:disk")
}

#[tokio::test]
async fn an_unresponsive_file_system_blocks_one_thread() {
    if !alone::among_mounts(test_name!()) {
        return;
    }
    let folder = Folder::new();
    let at = empty(folder.path(), "volume");
    let health = disk(Disk::builder(&at).min_free(0).warn_free(0).warn_free_inodes_percent(0).build().unwrap());
    assert_eq!(entry(&health).await["status"], "up");

    // A FUSE file system whose program never reads a request.
    let program = File::options().read(true).write(true).open("/dev/fuse");
    let program = program.unwrap_or_else(|error| panic!("/dev/fuse: {error}; let this user open it, or test as root"));
    let mounted = Mount::of_program(program.try_clone().unwrap(), &at);
    let hanging = Check::readiness("it", Disk::builder(&at).build().unwrap()).timeout(Duration::from_millis(50));
    let hanging = Health::builder().linked_checks(false).deadline(LIMIT).check(hanging.cache(Duration::ZERO)).start().unwrap();
    for _ in 0..20 {
        let began = Instant::now();
        // On a machine that pauses for a while the reason may differ.
        while entry(&hanging).await != json!({"status": "down", "error": "timed out after 50ms"}) {
            assert!(began.elapsed() < LIMIT, "{}", entry(&hanging).await);
        }
        assert!(waiting() <= 1);
    }
    until(LIMIT, "a thread waits", || (waiting() == 1).then_some(()));
    drop(program);
    assert_eq!(entry(&health).await, json!({"status": "down", "error": "not connected"}));
    drop(mounted);
    assert_eq!(entry(&health).await["status"], "up");
}

#[tokio::test]
async fn a_missing_path_is_down() {
    let health = disk(Disk::builder("/nothing/is/here").build().unwrap());
    assert_eq!(entry(&health).await, json!({"status": "down", "error": "entity not found"}));
}
