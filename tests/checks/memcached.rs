//! The check of a memcached against a real one.

use std::net::SocketAddr;

use health_runtime::checks::{Memcached as Check, MemcachedBuilder};
use health_tests::servers::{Counting, Memcached, PASSWORD, USER, talk};

use crate::contract::{Authenticated, Counted, Kept, Named, Networked, WRONG, contract};
use crate::probed::{PATIENT, Probed, up};

struct MemcachedCheck;

impl Networked for MemcachedCheck {
    type Server = Memcached;
    type Check = Check;

    fn start() -> Memcached {
        Memcached::start()
    }

    fn check(_: &Memcached, address: SocketAddr) -> Check {
        builder(address).build().unwrap()
    }

    fn up(server: &Memcached) -> (u16, String) {
        let response = String::from_utf8(talk(server.address(), b"version\r\n", PATIENT).unwrap()).unwrap();
        up(&format!(r#""version":"{}""#, response.trim_end().strip_prefix("VERSION ").unwrap()))
    }
}

impl Authenticated for MemcachedCheck {
    fn start_with_password() -> Memcached {
        Memcached::with_password()
    }

    fn without_access(server: &Memcached) -> Vec<Check> {
        let builder = || builder(server.address());
        vec![builder().credentials(USER, WRONG).build().unwrap(), builder().build().unwrap()]
    }
}

impl Counted for MemcachedCheck {
    const COSTS: [(u64, u64); 3] = [(1, 1), (0, 1), (0, 1)];
}

impl Named for MemcachedCheck {
    fn check_by_name(host: &str, port: u16) -> Check {
        Check::builder(format!("{host}:{port}")).build().unwrap()
    }
}

impl Kept for MemcachedCheck {
    const UNEXPECTED: &'static [u8] = b"SERVER_ERROR out of memory\r\n";
}

contract!(MemcachedCheck: restarts, frozen_later, frozen_from_the_start, password, cost, two_addresses, moved, aged);

fn builder(address: SocketAddr) -> MemcachedBuilder {
    Check::builder(address.to_string())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_passwords_stores_none() {
    let server = Memcached::start();
    let probed = Probed::new(builder(server.address()).credentials(USER, PASSWORD).build());
    assert_eq!(probed.probe().await, MemcachedCheck::up(&server));
    let items = String::from_utf8(talk(server.address(), b"stats\r\n", PATIENT).unwrap()).unwrap();
    assert!(items.contains("STAT cmd_set 0\r\n"), "{items}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_right_password_is_up_also_after_a_restart() {
    let mut server = Memcached::with_password();
    let probed = Probed::new(builder(server.address()).credentials(USER, PASSWORD).build());
    let (code, entry) = probed.probe().await;
    assert_eq!((code, entry.starts_with(r#""status":"up","latency_ms":_,"version":"1."#)), (200, true), "{entry}");
    server.restart();
    assert_eq!(probed.probe().await, (code, entry));
}

/// The documentation of the checks has this table.
#[tokio::test(flavor = "multi_thread")]
async fn cost_of_a_run_with_a_password() {
    let server = Memcached::with_password();
    let proxy = Counting::start(server.address());
    let probed = Probed::new(builder(proxy.address()).credentials(USER, PASSWORD).build());
    assert_eq!(probed.costs(&proxy, 200).await, [(1, 3), (0, 1), (0, 1)]);
}
