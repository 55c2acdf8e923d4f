//! The check of a Redis against real ones.

use std::time::{Duration, Instant};

use health_runtime::checks::{Redis as Check, RedisBuilder};
use health_tests::alone;
use health_tests::log::Log;
use health_tests::servers::{Counting, PASSWORD, Redis};
use health_tests::test_name;
use redis::Client;
use redis::aio::{ConnectionManager, MultiplexedConnection};
use tracing::Level;
use tracing_subscriber::fmt::format::FmtSpan;

use crate::probed::{PATIENT, Watched, assert_secret, down, freeze, up};

const WRONG: &str = "wr0ng-one";

const MASTER: &str = r#""role":"master","loading":false"#;

fn client(server: &Redis) -> Client {
    Client::open(server.url()).unwrap()
}

fn builder(server: &Redis) -> RedisBuilder {
    Check::builder(client(server))
}

async fn connection(server: &Redis) -> MultiplexedConnection {
    client(server).get_multiplexed_async_connection().await.unwrap()
}

async fn manager(server: &Redis) -> ConnectionManager {
    ConnectionManager::new(client(server)).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn it_follows_a_server_that_stops_and_comes_back() {
    let mut server = Redis::start();
    let watched = Watched::new(builder(&server).build());
    for _ in 0..2 {
        assert_eq!(watched.probe().await, up(MASTER));
        server.stop();
        assert_eq!(watched.probe().await, down("connection refused"));
        assert_eq!(watched.probe().await, down("connection refused"));
        server.restart();
        assert_eq!(watched.probe().await, up(MASTER));
        // The connection is broken, and nobody has noticed.
        server.restart();
        assert_eq!(watched.probe().await, up(MASTER));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_manager_it_follows_too() {
    let mut server = Redis::start();
    let check = builder(&server).manager(manager(&server).await).build().unwrap();
    let watched = Watched::with_limit(check, Duration::from_secs(2));
    assert_eq!(watched.probe().await, up(MASTER));
    server.restart();
    assert_eq!(watched.probe().await, up(MASTER));
    server.stop();
    for _ in 0..3 {
        assert_eq!(watched.probe().await, down("connection refused"));
    }
    server.restart();
    // The manager waits longer after each attempt that fails, and the check with it.
    let began = Instant::now();
    while watched.probe().await != up(MASTER) {
        assert!(began.elapsed() < PATIENT, "not up again");
    }
}

/// So does the application with it.
#[tokio::test(flavor = "multi_thread")]
async fn a_broken_application_connection_stays_down() {
    let mut server = Redis::start();
    let watched = Watched::new(builder(&server).connection(connection(&server).await).build());
    assert_eq!(watched.probe().await, up(MASTER));
    server.stop();
    assert_eq!(watched.probe().await, down("connection refused"));
    server.restart();
    assert_eq!(watched.probe().await, down("broken pipe"));
    assert_eq!(watched.probe().await, down("broken pipe"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frozen_server_holds_one_connection() {
    let mut server = Redis::start();
    let check = builder(&server).build().unwrap();
    let watched = Watched::new(Ok(check.clone()));
    assert_eq!(watched.probe().await, up(MASTER));
    freeze(&mut server, check, 0).await;
    assert_eq!(watched.probe().await, up(MASTER));
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_manager_a_frozen_server_holds_one_connection_more() {
    let mut server = Redis::start();
    let check = builder(&server).manager(manager(&server).await).build().unwrap();
    let watched = Watched::new(Ok(check.clone()));
    assert_eq!(watched.probe().await, up(MASTER));
    freeze(&mut server, check, 1).await;
    assert_eq!(watched.probe().await, up(MASTER));
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_connection_of_the_application_too() {
    let mut server = Redis::start();
    let check = builder(&server).connection(connection(&server).await).build().unwrap();
    let watched = Watched::new(Ok(check.clone()));
    assert_eq!(watched.probe().await, up(MASTER));
    freeze(&mut server, check, 1).await;
    assert_eq!(watched.probe().await, up(MASTER));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_that_is_wrong_or_missing_is_named_and_never_shown() {
    if !alone::in_process(test_name!()) {
        return;
    }
    let log = Log::of_process(Level::TRACE, FmtSpan::NONE);
    let server = Redis::start();
    let address = server.address();
    let urls = [
        server.url_with_password(WRONG),
        format!("redis://default:{WRONG}@{address}/?protocol=resp3"),
        format!("redis://{address}/"),
        format!("redis://{address}/?protocol=resp3"),
    ];
    for url in urls {
        let watched = Watched::new(Check::builder(Client::open(url.as_str()).unwrap()).build());
        assert_eq!(watched.probe().await, down("authentication failed"), "{url}");
        assert_secret(&watched, &log, [WRONG, PASSWORD]).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_needs_only_the_permission_to_ping() {
    let server = Redis::start();
    assert_eq!(server.command(&["ACL", "SETUSER", "probe", "on", ">narrow", "+ping"]), "+OK");
    for protocol in ["resp2", "resp3"] {
        let url = format!("redis://probe:narrow@{}/?protocol={protocol}", server.address());
        let watched = Watched::new(Check::builder(Client::open(url).unwrap()).build());
        assert_eq!(watched.probe().await, up(MASTER));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_loading_server_is_down() {
    let server = Redis::loading();
    let (own, managed) = (builder(&server).build(), builder(&server).manager(manager(&server).await).build());
    let watched = [Watched::new(own), Watched::new(managed)];
    for watched in &watched {
        let details = r#""role":"master","loading":true"#;
        let (code, entry) = down("loading");
        assert_eq!(watched.probe().await, (code, format!("{entry},{details}")));
    }
    server.loaded();
    for watched in &watched {
        assert_eq!(watched.probe().await, up(MASTER));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_settings_decide_the_status_of_a_replica() {
    let primary = Redis::start();
    let replica = Redis::replica_of(&primary);
    let details = r#""role":"replica","loading":false"#;
    let entry = |status| format!(r#""status":"{status}","latency_ms":_,"error":"read-only replica",{details}"#);
    let reading = Watched::new(builder(&replica).reads_only().build());
    let either = Watched::new(builder(&replica).build());
    let writing = Watched::new(builder(&replica).needs_writes().build());
    assert_eq!(reading.probe().await, up(details));
    assert_eq!(either.probe().await, (200, entry("degraded")));
    assert_eq!(writing.probe().await, (503, entry("down")));
    for builder in [builder(&primary), builder(&primary).needs_writes(), builder(&primary).reads_only()] {
        assert_eq!(Watched::new(builder.build()).probe().await, up(MASTER));
    }

    // A fail-over makes it the master, on the connections that there are.
    assert_eq!(replica.command(&["REPLICAOF", "NO", "ONE"]), "+OK");
    for watched in [reading, either, writing] {
        assert_eq!(watched.probe().await, up(MASTER));
    }
}

/// The table in the documentation of the checks.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_run_costs() {
    let server = Redis::start();
    let behind = |proxy: &Counting| Client::open(format!("redis://:{PASSWORD}@{}/", proxy.address())).unwrap();

    let proxy = Counting::start(server.address());
    let watched = Watched::new(Check::builder(behind(&proxy)).build());
    assert_eq!(watched.costs(&proxy, 200).await, [(1, 2), (0, 1), (0, 1)]);
    proxy.cut();
    assert_eq!(watched.probe().await.0, 503);
    proxy.open();
    assert_eq!(watched.costs(&proxy, 200).await, [(1, 2), (0, 1), (0, 1)]);

    let proxy = Counting::start(server.address());
    let manager = ConnectionManager::new(behind(&proxy)).await.unwrap();
    let watched = Watched::new(Check::builder(behind(&proxy)).manager(manager).build());
    assert_eq!(watched.costs(&proxy, 200).await, [(0, 1), (0, 1), (0, 1)]);

    let proxy = Counting::start(server.address());
    let connection = behind(&proxy).get_multiplexed_async_connection().await.unwrap();
    let watched = Watched::new(Check::builder(behind(&proxy)).connection(connection).build());
    assert_eq!(watched.costs(&proxy, 200).await, [(0, 1), (0, 1), (0, 1)]);
    proxy.cut();
    assert_eq!(watched.probe().await.0, 503);
    proxy.open();
    assert_eq!(watched.costs(&proxy, 503).await, [(1, 1), (1, 1), (1, 1)]);
}
