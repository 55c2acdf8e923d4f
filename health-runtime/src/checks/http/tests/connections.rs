//! How often it asks, and on how many connections.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use reqwest::Client;
use tokio::time::timeout;

use super::{Site, answer};
use crate::checks::Http;
use crate::checks::shared::test_support::server::{NOWHERE, chain, told};
use crate::{Check, Health, Kind};

const PROBES: usize = 300;

/// On one thread, where what a task leaves behind is done before the next run begins.
#[tokio::test]
async fn one_connection_serves_every_question_whatever_is_answered() {
    let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nall\r\n5\r\n well\r\n0\r\n\r\n";
    let said = AtomicUsize::new(0);
    let site = Site::start(move |_, talk| match said.fetch_add(1, Ordering::SeqCst) % 4 {
        0 => talk.tell(answer(200, "all well")),
        1 => talk.tell(chunked),
        2 => talk.tell(answer(503, "the database is away")),
        _ => talk.tell("HTTP/1.1 204 No Content\r\n\r\n"),
    });
    let http = site.get().build().unwrap();
    for _ in 0..PROBES / 4 {
        assert_eq!(told(&http.run().await), "Up, code 200");
        assert_eq!(told(&http.run().await), "Up, code 200");
        assert_eq!(told(&http.run().await), "Down: answered 503, code 503");
        assert_eq!(told(&http.run().await), "Up, code 204");
    }
    assert_eq!((site.heads().len(), site.fake.connections()), (PROBES, 1));
}

#[tokio::test]
async fn a_head_is_answered_without_a_body() {
    let site = Site::saying("HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n");
    let http = Http::head(site.url("/health?full=1")).build().unwrap();
    for _ in 0..3 {
        assert_eq!(told(&http.run().await), "Up, code 200");
    }
    let head = site.bare_head("head /health?full=1 http/1.1");
    assert_eq!(site.heads(), [head.clone(), head.clone(), head]);
    assert_eq!(site.fake.connections(), 1);
}

#[tokio::test]
async fn a_connection_that_the_server_closes_when_it_is_used_again_is_no_failure() {
    let said = AtomicUsize::new(0);
    let site = Site::start(move |_, talk| said.fetch_add(1, Ordering::SeqCst).is_multiple_of(2) && talk.tell(answer(200, "")));
    let http = site.get().build().unwrap();
    for _ in 0..5 {
        assert_eq!(told(&http.run().await), "Up, code 200");
    }
    assert_eq!(site.fake.connections(), 5);
    assert_eq!(site.heads().len(), 5 + 4);
}

#[tokio::test]
async fn a_server_that_closes_without_an_answer_is_asked_once_more_and_not_for_ever() {
    let site = Site::start(|_, _| false);
    let outcome = site.get().build().unwrap().run().await;
    assert_eq!(told(&outcome), "Down: check failed");
    assert!(chain(&outcome).ends_with("connection closed before message completed"), "{}", chain(&outcome));
    assert_eq!((site.heads().len(), site.fake.connections()), (2, 2));
}

#[tokio::test]
async fn a_server_that_does_not_answer_holds_one_connection_however_many_runs_are_cut_off() {
    let site = Site::start(|_, _| true);
    let http = site.get().build().unwrap();
    for _ in 0..100 {
        assert!(timeout(Duration::from_millis(2), http.run()).await.is_err());
    }
    while site.heads().is_empty() {
        assert!(timeout(Duration::from_millis(2), http.run()).await.is_err());
    }
    assert_eq!((site.heads().len(), site.fake.connections()), (1, 1));
}

#[tokio::test]
async fn where_nothing_listens_it_is_refused() {
    let outcome = Http::get(format!("http://{NOWHERE}/")).build().unwrap().run().await;
    assert_eq!(told(&outcome), "Down: connection refused");
}

#[tokio::test]
async fn a_name_that_does_not_resolve_is_down_and_says_so() {
    let outcome = Http::get("http://nobody.invalid/").build().unwrap().run().await;
    assert_eq!(told(&outcome), "Down: name does not resolve");
    assert!(chain(&outcome).contains("`nobody.invalid` does not resolve: "), "{}", chain(&outcome));
}

#[tokio::test]
async fn the_limit_of_the_check_is_the_one_that_cuts_off() {
    let site = Site::start(|_, _| true);
    let limit = Duration::from_millis(100);
    let check = Check::readiness("api", site.get().build().unwrap()).timeout(limit);
    let health = Health::builder().linked_checks(false).check(check).start().unwrap();
    let report = health.report(Kind::Readiness).await;
    assert_eq!(report.check("api").unwrap().error(), Some("timed out after 100ms"));
}

#[tokio::test]
async fn the_limit_of_a_client_for_a_whole_request_does_not_count() {
    let site = Site::start(|_, talk| {
        thread::sleep(Duration::from_millis(100));
        talk.tell("HTTP/1.1 200 OK\r\ncontent-length: 8\r\n\r\n") && {
            thread::sleep(Duration::from_millis(100));
            talk.tell("all well")
        }
    });
    let client =
        Client::builder().timeout(Duration::from_millis(20)).tls_backend_preconfigured(super::no_roots()).build().unwrap();
    assert!(client.get(site.url("/")).send().await.unwrap_err().is_timeout());
    let http = site.get().client(client).body_contains("all well").build().unwrap();
    assert_eq!(told(&http.run().await), "Up, code 200");
}
