//! Servers that reject writes, and a failover.

use std::fs;

use health_tests::until;

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_rejects_writes_is_down_if_they_are_needed() {
    for (config, reason) in [("maxmemory 100kb\n", "out of memory"), ("min-replicas-to-write 1\n", "too few replicas")] {
        let server = Redis::with(config);
        assert_eq!(Probed::new(builder(&server).build()).probe().await, up(MASTER), "{reason}");
        assert_eq!(Probed::new(builder(&server).needs_writes().build()).probe().await, down_master(reason));
    }
}

/// Such a server responds `MISCONF` to `PING` too.
#[tokio::test(flavor = "multi_thread")]
async fn the_settings_decide_the_status_of_a_server_that_cannot_save() {
    let server = Redis::with("save 3600 1000000\n");
    fs::create_dir(server.folder().join("dump.rdb")).unwrap();
    assert!(server.command(&["BGSAVE"]).starts_with("+Background"));
    until(PATIENT, "it has failed to save", || server.command(&["PING"]).starts_with("-MISCONF").then_some(()));
    let reason = "cannot save to disk";
    let degraded = (200, format!(r#""status":"degraded","latency_ms":_,"error":"{reason}",{MASTER}"#));
    assert_eq!(Probed::new(builder(&server).build()).probe().await, degraded);
    assert_eq!(Probed::new(builder(&server).reads_only().build()).probe().await, up(MASTER));
    assert_eq!(Probed::new(builder(&server).needs_writes().build()).probe().await, down_master(reason));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_cluster_is_down() {
    let server = Redis::with("cluster-enabled yes\n");
    let down = down_master("cluster is down");
    for protocol in ["resp2", "resp3"] {
        let client = || Client::open(format!("{}?protocol={protocol}", server.url())).unwrap();
        for builder in [Check::builder(client()), Check::builder(client()).needs_writes(), Check::builder(client()).reads_only()]
        {
            assert_eq!(Probed::new(builder.build()).probe().await, down);
        }
    }
    let probed = Probed::new(builder(&server).needs_writes().build());
    assert_eq!(probed.probe().await, down);
    assert_eq!(server.command(&["CLUSTER", "ADDSLOTSRANGE", "0", "16383"]), "+OK");
    until(PATIENT, "the cluster is up", || server.command(&["CLUSTER", "INFO"]).contains("cluster_state:ok").then_some(()));
    assert_eq!(probed.probe().await, up(MASTER));

    // Without the permission the state is unknown.
    assert_eq!(server.command(&["ACL", "SETUSER", "probe", "on", ">narrow", "+ping"]), "+OK");
    assert_eq!(server.command(&["CLUSTER", "DELSLOTSRANGE", "0", "100"]), "+OK");
    let client = Client::open(format!("redis://probe:narrow@{}/", server.address())).unwrap();
    assert_eq!(Probed::new(Check::builder(client).build()).probe().await, up(MASTER));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_write_needs_a_permission_and_changes_nothing() {
    let server = Redis::start();
    let probe = async |user: &str| {
        let client = Client::open(format!("redis://{user}:narrow@{}/", server.address())).unwrap();
        Probed::new(Check::builder(client).needs_writes().build()).probe().await
    };
    let keys = "~health-runtime:probe";
    assert_eq!(server.command(&["ACL", "SETUSER", "permitted", "on", ">narrow", "+ping", "+setrange", keys]), "+OK");
    assert_eq!(server.command(&["ACL", "SETUSER", "without_key", "on", ">narrow", "+ping", "+setrange"]), "+OK");
    assert_eq!(server.command(&["ACL", "SETUSER", "without_command", "on", ">narrow", "+ping", keys]), "+OK");
    for user in ["permitted", "without_key", "without_command"] {
        assert_eq!(probe(user).await, up(MASTER), "{user}");
    }
    assert_eq!(server.command(&["DBSIZE"]), ":0");
    for other in [&["RPUSH", "health-runtime:probe", "other"], &["SET", "health-runtime:probe", "kept"]] {
        server.command(other);
        assert_eq!(probe("permitted").await, up(MASTER), "{other:?}");
    }
    assert_eq!(server.command(&["GET", "health-runtime:probe"]), "kept");
    assert_eq!(server.command(&["CONFIG", "SET", "maxmemory", "1"]), "+OK");
    assert_eq!(probe("permitted").await, down_master("out of memory"));
    assert_eq!(probe("without_command").await, up(MASTER));
}

/// The name leads to the new master, and the old one continues as its replica.
#[tokio::test(flavor = "multi_thread")]
async fn after_a_failover_the_check_connects_to_the_new_master() {
    let (old, new) = (Redis::start(), Redis::start());
    let proxy = Counting::start(old.address());
    let checks = || [Check::builder(client(proxy.address())), Check::builder(client(proxy.address())).needs_writes()];
    let probed = checks().map(|builder| Probed::new(builder.build()));
    for probed in &probed {
        assert_eq!(probed.probe().await, up(MASTER));
    }
    assert_eq!(old.command(&["REPLICAOF", "127.0.0.1", &new.port().to_string()]), "+OK");
    proxy.forward_to(new.address());
    for probed in &probed {
        assert_eq!(probed.probe().await, up(MASTER), "the first probe after the failover");
    }
    // A check that starts on the replica finds the master too, when the name leads to it.
    proxy.forward_to(old.address());
    let probed = checks().map(|builder| Probed::new(builder.build()));
    for probed in &probed {
        assert!(probed.probe().await.1.contains("read-only replica"));
    }
    proxy.forward_to(new.address());
    for probed in &probed {
        assert_eq!(probed.probe().await, up(MASTER));
    }
}
