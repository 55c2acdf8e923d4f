//! The check of certificates against a real TLS server, and on files that are renewed.

use std::fs;

use health_runtime::checks::Tls;
use health_tests::folder::Folder;
use health_tests::servers::{Certificate, Counting, TlsServer, Website};
use health_tests::until;

use crate::probed::{PATIENT, Watched, down, freeze, up};

fn check(server: &TlsServer) -> Tls {
    Tls::host(server.address().to_string()).build().unwrap()
}

fn days(days: i64) -> (u16, String) {
    up(&format!(r#""days_left":{days}"#))
}

fn says(status: &str, reason: &str, days: i64) -> (u16, String) {
    let code = if status == "down" { 503 } else { 200 };
    (code, format!(r#""status":"{status}","latency_ms":_,"error":"{reason}","days_left":{days}"#))
}

#[tokio::test(flavor = "multi_thread")]
async fn it_follows_a_server_that_stops_and_comes_back() {
    let mut server = TlsServer::start(&Certificate::ending_in(20.5));
    let watched = Watched::new(Ok(check(&server)));
    for _ in 0..2 {
        assert_eq!(watched.probe().await, days(20));
        server.stop();
        assert_eq!(watched.probe().await, down("connection refused"));
        assert_eq!(watched.probe().await, down("connection refused"));
        server.restart();
        assert_eq!(watched.probe().await, days(20));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frozen_server_gets_one_connection() {
    let mut server = TlsServer::start(&Certificate::ending_in(20.5));
    let check = check(&server);
    let watched = Watched::new(Ok(check.clone()));
    assert_eq!(watched.probe().await, days(20));
    freeze(&mut server, check, 1).await;
    assert_eq!(watched.probe().await, days(20));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renewed_certificate_is_read_on_the_next_run() {
    let mut server = TlsServer::start(&Certificate::ending_in(13.5));
    let watched = Watched::new(Ok(check(&server)));
    assert_eq!(watched.probe().await, says("degraded", "certificate ends in 13 days", 13));
    server.renew(&Certificate::ending_in(14.5));
    assert_eq!(watched.probe().await, days(14));
    server.renew(&Certificate::ending_in(-0.5));
    assert_eq!(watched.probe().await, says("down", "certificate has expired", -1));
    server.renew(&Certificate::ending_in(0.5));
    assert_eq!(watched.probe().await, says("degraded", "certificate ends in less than a day", 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_intermediate_that_expires_sooner_decides() {
    let degraded = says("degraded", "certificate ends in 3 days", 3);
    let certificate = Certificate::with_intermediate(90.5, 3.5);
    let server = TlsServer::start(&certificate);
    assert_eq!(Watched::new(Ok(check(&server))).probe().await, degraded);

    let folder = Folder::new();
    let file = folder.path().join("tls.pem");
    let watched = Watched::new(Tls::pem_file(&file).build());
    assert_eq!(watched.probe().await, down("entity not found"));
    fs::write(&file, [&*certificate.key, &certificate.leaf, certificate.intermediate.as_deref().unwrap()].concat()).unwrap();
    assert_eq!(watched.probe().await, degraded);
    fs::write(&file, [&*certificate.key, &certificate.leaf].concat()).unwrap();
    assert_eq!(watched.probe().await, days(90));
    fs::write(&file, &certificate.key).unwrap();
    assert_eq!(watched.probe().await, down("there is no certificate"));
}

/// The numbers in the documentation of the check.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_run_costs() {
    let site = Website::secure(&Certificate::ending_in(90.5));
    let proxy = Counting::start(site.address());
    let watched = Watched::new(Tls::host(proxy.address().to_string()).build());
    for run in 1..=3 {
        assert_eq!(watched.probe().await, days(90));
        assert_eq!(proxy.counts().connections, run);
    }
    // A handshake and a goodbye each. What the server sends of itself in between may look like one more.
    let round_trips = || Some(proxy.counts().round_trips).filter(|count| *count >= 6);
    let round_trips = until(PATIENT, "every goodbye is answered", round_trips);
    assert!(round_trips <= 9, "{round_trips}");
}
