//! The number of requests and connections.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use reqwest::Client;
use tokio::time::timeout;

use super::{HttpServer, response};
use crate::checks::Http;
use crate::checks::shared::test_support::server::UNUSED_ADDRESS;
use crate::checks::shared::test_support::summary::{error_chain, summary};
use crate::{Check, Health, Kind};

const PROBES: usize = 300;

#[tokio::test]
async fn one_connection_serves_every_run_with_an_expected_response() {
    let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nall\r\n5\r\n well\r\n0\r\n\r\n";
    let responses = AtomicUsize::new(0);
    let server = HttpServer::start(move |_, connection| match responses.fetch_add(1, Ordering::SeqCst) % 4 {
        0 => connection.try_send(response(200, "all well")),
        1 => connection.try_send(chunked),
        2 => connection.try_send(response(401, "log in first")),
        _ => connection.try_send("HTTP/1.1 204 No Content\r\n\r\n"),
    });
    let http = server.get().expect([200, 204, 401]).build().unwrap();
    for _ in 0..PROBES / 4 {
        for code in [200, 200, 401, 204] {
            assert_eq!(summary(&http.run().await), format!("Up, code {code}"));
        }
    }
    assert_eq!((server.heads().len(), server.connections()), (PROBES, 1));
}

/// Starts a server whose first connection belongs to a release that is shut down after some requests, and whose later ones
/// belong to the next.
fn server_that_moves(requests: usize, left: String, body: &'static str) -> HttpServer {
    let served = AtomicUsize::new(0);
    HttpServer::start_numbered(move |number, connection| {
        let has_moved = served.fetch_add(1, Ordering::SeqCst) >= requests;
        connection.try_send(if has_moved && number == 1 { left.clone() } else { response(200, body) })
    })
}

#[tokio::test]
async fn after_an_unexpected_response_a_new_connection_decides() {
    for left in [response(503, "shutting down"), response(200, "bye"), response(404, ""), "garbage\r\n\r\n".to_owned()] {
        let server = server_that_moves(3, left, "all well");
        let http = server.get().body_contains("well").build().unwrap();
        for run in 1..=3 {
            assert_eq!(summary(&http.run().await), "Up, code 200");
            assert_eq!((server.heads().len(), server.connections()), (run, 1));
        }
        for run in 1..=3 {
            assert_eq!(summary(&http.run().await), "Up, code 200", "the old server has left");
            assert_eq!((server.heads().len(), server.connections()), (4 + run, 2));
        }
    }
}

#[tokio::test]
async fn each_run_with_an_unexpected_response_uses_one_new_connection() {
    let server = HttpServer::with_response(response(503, "the database is down"));
    let http = server.get().build().unwrap();
    for run in 1..=10 {
        assert_eq!(summary(&http.run().await), "Down: answered 503, code 503");
        assert_eq!((server.heads().len(), server.connections()), (run, run));
    }
}

#[tokio::test]
async fn a_connection_is_replaced_after_30_seconds() {
    let server = HttpServer::with_response(response(200, ""));
    let http = server.get().build().unwrap();
    // Time passes between these calls too, so each run has ten seconds.
    for (connections, age) in [(1, 0), (1, 20_000), (2, 30_000), (2, 20_000), (3, 30_000)] {
        tokio::time::pause();
        tokio::time::advance(Duration::from_millis(age)).await;
        tokio::time::resume();
        assert_eq!(summary(&http.run().await), "Up, code 200");
        assert_eq!(server.connections(), connections);
    }
}

#[tokio::test]
async fn the_response_to_head_has_no_body() {
    let server = HttpServer::with_response("HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n");
    let http = Http::head(server.url("/health?full=1")).build().unwrap();
    for _ in 0..3 {
        assert_eq!(summary(&http.run().await), "Up, code 200");
    }
    let head = server.plain_head("head /health?full=1 http/1.1");
    assert_eq!(server.heads(), [head.clone(), head.clone(), head]);
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn a_connection_that_closes_on_reuse_is_replaced_within_the_run() {
    let responses = AtomicUsize::new(0);
    let server = HttpServer::start(move |_, connection| {
        responses.fetch_add(1, Ordering::SeqCst).is_multiple_of(2) && connection.try_send(response(200, ""))
    });
    let http = server.get().build().unwrap();
    for _ in 0..5 {
        assert_eq!(summary(&http.run().await), "Up, code 200");
    }
    assert_eq!(server.connections(), 5);
    assert_eq!(server.heads().len(), 5 + 4);
}

#[tokio::test]
async fn a_new_connection_that_closes_without_a_response_is_down() {
    let server = HttpServer::start(|_, _| false);
    let outcome = server.get().build().unwrap().run().await;
    assert_eq!(summary(&outcome), "Down: check failed");
    assert!(error_chain(&outcome).ends_with("connection closed before message completed"), "{}", error_chain(&outcome));
    assert_eq!((server.heads().len(), server.connections()), (1, 1));
}

#[tokio::test]
async fn a_server_that_does_not_respond_holds_one_connection_for_all_cancelled_runs() {
    let server = HttpServer::start(|_, _| true);
    let http = server.get().build().unwrap();
    for _ in 0..100 {
        assert!(timeout(Duration::from_millis(2), http.run()).await.is_err());
    }
    while server.heads().is_empty() {
        assert!(timeout(Duration::from_millis(2), http.run()).await.is_err());
    }
    assert_eq!((server.heads().len(), server.connections()), (1, 1));
}

#[tokio::test]
async fn without_a_listener_the_connection_is_refused() {
    let outcome = Http::get(format!("http://{UNUSED_ADDRESS}/")).build().unwrap().run().await;
    assert_eq!(summary(&outcome), "Down: connection refused");
}

#[tokio::test]
async fn a_name_that_does_not_resolve_has_a_reason_without_the_name() {
    let outcome = Http::get("http://missing.invalid/").build().unwrap().run().await;
    assert_eq!(summary(&outcome), "Down: name does not resolve");
    assert!(error_chain(&outcome).contains("`missing.invalid` does not resolve: "), "{}", error_chain(&outcome));
}

#[tokio::test]
async fn the_timeout_of_the_check_cancels_a_run() {
    let server = HttpServer::start(|_, _| true);
    let timeout = Duration::from_millis(100);
    let check = Check::readiness("api", server.get().build().unwrap()).timeout(timeout);
    let health = Health::builder().linked_checks(false).check(check).start().unwrap();
    let report = health.report(Kind::Readiness).await;
    assert_eq!(report.check("api").unwrap().error(), Some("timed out after 100ms"));
}

#[tokio::test]
async fn the_request_timeout_of_a_client_is_ignored() {
    let server = HttpServer::start(|_, connection| {
        thread::sleep(Duration::from_millis(100));
        connection.try_send("HTTP/1.1 200 OK\r\ncontent-length: 8\r\n\r\n") && {
            thread::sleep(Duration::from_millis(100));
            connection.try_send("all well")
        }
    });
    let client =
        Client::builder().timeout(Duration::from_millis(20)).tls_backend_preconfigured(super::no_roots()).build().unwrap();
    assert!(client.get(server.url("/")).send().await.unwrap_err().is_timeout());
    let http = server.get().client(client).body_contains("all well").build().unwrap();
    assert_eq!(summary(&http.run().await), "Up, code 200");
}
