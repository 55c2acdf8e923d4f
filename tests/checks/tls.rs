//! The check of certificates against a real TLS server, and on files that are renewed.

use std::fs;
use std::net::SocketAddr;

use health_runtime::checks::Tls;
use health_tests::folder::Folder;
use health_tests::servers::{Certificate, Counting, TlsServer, Website};
use health_tests::until;

use crate::contract::{Named, Networked, contract};
use crate::probed::{PATIENT, Probed, down, up};

fn check(server: &TlsServer) -> Tls {
    TlsCheck::check(server, server.address())
}

struct TlsCheck;

impl Networked for TlsCheck {
    type Server = TlsServer;
    type Check = Tls;

    // Each run opens a connection.
    const WHILE_FROZEN: usize = 1;

    fn start() -> TlsServer {
        TlsServer::start(&Certificate::ending_in(20.5))
    }

    fn check(_: &TlsServer, address: SocketAddr) -> Tls {
        Tls::host(address.to_string()).build().unwrap()
    }

    fn up(_: &TlsServer) -> (u16, String) {
        days(20)
    }
}

impl Named for TlsCheck {
    fn check_by_name(host: &str, port: u16) -> Tls {
        Tls::host(format!("{host}:{port}")).build().unwrap()
    }
}

contract!(TlsCheck: restarts, frozen_later, frozen_from_the_start, two_addresses);

fn days(days: i64) -> (u16, String) {
    up(&format!(r#""days_left":{days}"#))
}

fn entry(status: &str, reason: &str, days: i64) -> (u16, String) {
    let code = if status == "down" { 503 } else { 200 };
    (code, format!(r#""status":"{status}","latency_ms":_,"error":"{reason}","days_left":{days}"#))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renewed_certificate_is_read_on_the_next_run() {
    let mut server = TlsServer::start(&Certificate::ending_in(13.5));
    let probed = Probed::new(Ok(check(&server)));
    assert_eq!(probed.probe().await, entry("degraded", "certificate ends in 13 days", 13));
    server.renew(&Certificate::ending_in(14.5));
    assert_eq!(probed.probe().await, days(14));
    server.renew(&Certificate::ending_in(-0.5));
    assert_eq!(probed.probe().await, entry("down", "certificate has expired", -1));
    server.renew(&Certificate::ending_in(0.5));
    assert_eq!(probed.probe().await, entry("degraded", "certificate ends in less than a day", 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_intermediate_that_expires_sooner_decides() {
    let degraded = entry("degraded", "certificate ends in 3 days", 3);
    let certificate = Certificate::with_intermediate(90.5, 3.5);
    let server = TlsServer::start(&certificate);
    assert_eq!(Probed::new(Ok(check(&server))).probe().await, degraded);

    let folder = Folder::new();
    let file = folder.path().join("tls.pem");
    let probed = Probed::new(Tls::pem_file(&file).build());
    assert_eq!(probed.probe().await, down("entity not found"));
    fs::write(&file, [&*certificate.key, &certificate.leaf, certificate.intermediate.as_deref().unwrap()].concat()).unwrap();
    assert_eq!(probed.probe().await, degraded);
    fs::write(&file, [&*certificate.key, &certificate.leaf].concat()).unwrap();
    assert_eq!(probed.probe().await, days(90));
    fs::write(&file, &certificate.key).unwrap();
    assert_eq!(probed.probe().await, down("there is no certificate"));
}

/// The documentation of the check has these numbers.
#[tokio::test(flavor = "multi_thread")]
async fn cost_of_a_run() {
    let site = Website::secure(&Certificate::ending_in(90.5));
    let proxy = Counting::start(site.address());
    let probed = Probed::new(Tls::host(proxy.address().to_string()).build());
    for run in 1..=3 {
        assert_eq!(probed.probe().await, days(90));
        assert_eq!(proxy.counts().connections, run);
    }
    // A handshake and a close each. Data that the server sends in between may count as one more.
    let round_trips = || Some(proxy.counts().round_trips).filter(|count| *count >= 6);
    let round_trips = until(PATIENT, "every close has its response", round_trips);
    assert!(round_trips <= 9, "{round_trips}");
}
