//! The check of a Redis against real ones.

mod writes;

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use health_runtime::checks::{Redis as Check, RedisBuilder};
use health_tests::servers::{Counting, PASSWORD, Redis};
use redis::Client;
use redis::aio::{ConnectionManager, MultiplexedConnection};

use crate::contract::{Authenticated, Counted, Kept, Named, Networked, WRONG, contract, probe_frozen};
use crate::probed::{PATIENT, Probed, down, up};

const MASTER: &str = r#""role":"master","loading":false"#;

/// Returns what a probe returns for a master that is down for this reason.
fn down_master(reason: &str) -> (u16, String) {
    let (code, entry) = down(reason);
    (code, format!("{entry},{MASTER}"))
}

struct RedisCheck;

impl Networked for RedisCheck {
    type Server = Redis;
    type Check = Check;

    fn start() -> Redis {
        Redis::start()
    }

    fn check(_: &Redis, address: SocketAddr) -> Check {
        Check::builder(client(address)).build().unwrap()
    }

    fn up(_: &Redis) -> (u16, String) {
        up(MASTER)
    }
}

impl Authenticated for RedisCheck {
    fn without_access(server: &Redis) -> Vec<Check> {
        let address = server.address();
        let urls = [
            server.url_with_password(WRONG),
            format!("redis://default:{WRONG}@{address}/?protocol=resp3"),
            format!("redis://{address}/"),
            format!("redis://{address}/?protocol=resp3"),
        ];
        urls.map(|url| Check::builder(Client::open(url).unwrap()).build().unwrap()).into()
    }
}

impl Counted for RedisCheck {
    const COSTS: [(u64, u64); 3] = [(1, 2), (0, 1), (0, 1)];
}

impl Named for RedisCheck {
    fn check_by_name(host: &str, port: u16) -> Check {
        Check::builder(Client::open(format!("redis://:{PASSWORD}@{host}:{port}/")).unwrap()).build().unwrap()
    }
}

impl Kept for RedisCheck {
    /// The responses of a master that was demoted.
    const UNEXPECTED: &'static [u8] = b"+PONG\r\n*2\r\n$4\r\nrole\r\n$7\r\nreplica\r\n";
}

contract!(RedisCheck: restarts, frozen_later, frozen_from_the_start, password, cost, two_addresses, moved, aged);

/// Returns a client of what listens at this address, with the right password.
fn client(address: SocketAddr) -> Client {
    Client::open(format!("redis://:{PASSWORD}@{address}/")).unwrap()
}

fn builder(server: &Redis) -> RedisBuilder {
    Check::builder(client(server.address()))
}

async fn connection(server: &Redis) -> MultiplexedConnection {
    client(server.address()).get_multiplexed_async_connection().await.unwrap()
}

async fn manager(server: &Redis) -> ConnectionManager {
    ConnectionManager::new(client(server.address())).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_manager_a_stopped_server_is_down_until_it_restarts() {
    let mut server = Redis::start();
    let check = builder(&server).manager(manager(&server).await).build().unwrap();
    let probed = Probed::with_timeout(check, Duration::from_secs(2));
    assert_eq!(probed.probe().await, up(MASTER));
    server.restart();
    assert_eq!(probed.probe().await, up(MASTER));
    server.stop();
    for _ in 0..3 {
        assert_eq!(probed.probe().await, down("connection refused"));
    }
    server.restart();
    // The manager waits longer after each failed attempt, and so does the check.
    let began = Instant::now();
    while probed.probe().await != up(MASTER) {
        assert!(began.elapsed() < PATIENT, "not up again");
    }
}

/// The connection of the application is broken in the same way.
#[tokio::test(flavor = "multi_thread")]
async fn a_broken_application_connection_stays_down() {
    let mut server = Redis::start();
    let probed = Probed::new(builder(&server).connection(connection(&server).await).build());
    assert_eq!(probed.probe().await, up(MASTER));
    server.stop();
    assert_eq!(probed.probe().await, down("connection refused"));
    server.restart();
    assert_eq!(probed.probe().await, down("broken pipe"));
    assert_eq!(probed.probe().await, down("broken pipe"));
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_manager_a_server_that_freezes_gets_one_more_connection() {
    let mut server = Redis::start();
    let check = builder(&server).manager(manager(&server).await).build().unwrap();
    let probed = Probed::new(Ok(check.clone()));
    assert_eq!(probed.probe().await, up(MASTER));
    probe_frozen(&mut server, check, 1).await;
    assert_eq!(probed.probe().await, up(MASTER));
}

#[tokio::test(flavor = "multi_thread")]
async fn with_an_application_connection_a_server_that_freezes_gets_one_more_connection() {
    let mut server = Redis::start();
    let check = builder(&server).connection(connection(&server).await).build().unwrap();
    let probed = Probed::new(Ok(check.clone()));
    assert_eq!(probed.probe().await, up(MASTER));
    probe_frozen(&mut server, check, 1).await;
    assert_eq!(probed.probe().await, up(MASTER));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_needs_only_the_permission_to_ping() {
    let server = Redis::start();
    assert_eq!(server.command(&["ACL", "SETUSER", "probe", "on", ">narrow", "+ping"]), "+OK");
    for protocol in ["resp2", "resp3"] {
        let url = format!("redis://probe:narrow@{}/?protocol={protocol}", server.address());
        let probed = Probed::new(Check::builder(Client::open(url).unwrap()).build());
        assert_eq!(probed.probe().await, up(MASTER));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_loading_server_is_down() {
    let server = Redis::loading();
    let (own, managed) = (builder(&server).build(), builder(&server).manager(manager(&server).await).build());
    let probed = [Probed::new(own), Probed::new(managed)];
    for probed in &probed {
        let details = r#""role":"master","loading":true"#;
        let (code, entry) = down("loading");
        assert_eq!(probed.probe().await, (code, format!("{entry},{details}")));
    }
    server.loaded();
    for probed in &probed {
        assert_eq!(probed.probe().await, up(MASTER));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_settings_decide_the_status_of_a_replica() {
    let primary = Redis::start();
    let replica = Redis::replica_of(&primary);
    let details = r#""role":"replica","loading":false"#;
    let entry = |status| format!(r#""status":"{status}","latency_ms":_,"error":"read-only replica",{details}"#);
    let reading = Probed::new(builder(&replica).reads_only().build());
    let either = Probed::new(builder(&replica).build());
    let writing = Probed::new(builder(&replica).needs_writes().build());
    assert_eq!(reading.probe().await, up(details));
    assert_eq!(either.probe().await, (200, entry("degraded")));
    assert_eq!(writing.probe().await, (503, entry("down")));
    for builder in [builder(&primary), builder(&primary).needs_writes(), builder(&primary).reads_only()] {
        assert_eq!(Probed::new(builder.build()).probe().await, up(MASTER));
    }

    // A failover makes it the master, without new connections.
    assert_eq!(replica.command(&["REPLICAOF", "NO", "ONE"]), "+OK");
    for probed in [reading, either, writing] {
        assert_eq!(probed.probe().await, up(MASTER));
    }
}

/// The documentation of the checks has this table.
#[tokio::test(flavor = "multi_thread")]
async fn cost_of_a_run_on_application_connections() {
    let server = Redis::start();
    let proxy = Counting::start(server.address());
    let manager = ConnectionManager::new(client(proxy.address())).await.unwrap();
    let probed = Probed::new(Check::builder(client(proxy.address())).manager(manager).build());
    assert_eq!(probed.costs(&proxy, 200).await, [(0, 1), (0, 1), (0, 1)]);

    let proxy = Counting::start(server.address());
    let connection = client(proxy.address()).get_multiplexed_async_connection().await.unwrap();
    let probed = Probed::new(Check::builder(client(proxy.address())).connection(connection).build());
    assert_eq!(probed.costs(&proxy, 200).await, [(0, 1), (0, 1), (0, 1)]);
    proxy.cut();
    assert_eq!(probed.probe().await.0, 503);
    proxy.open();
    assert_eq!(probed.costs(&proxy, 503).await, [(1, 1), (1, 1), (1, 1)]);
}
