//! Redirects, which are codes as any other unless they are asked for.

use reqwest::Client;
use reqwest::redirect::Policy;

use super::{Site, no_roots};
use crate::checks::Http;
use crate::checks::shared::test_support::server::{Talk, told};

/// `/3` leads to `/2`, and so on to `/0`, which is well.
fn count_down(head: &str, talk: &mut Talk) -> bool {
    let path = head.split(' ').nth(1).unwrap();
    match path.trim_start_matches('/').parse::<u32>() {
        Ok(0) => talk.tell(super::answer(200, "all well")),
        Ok(left) => redirect(talk, &format!("/{}", left - 1)),
        Err(_) => talk.tell(super::answer(404, "")),
    }
}

fn redirect(talk: &mut Talk, to: &str) -> bool {
    talk.tell(format!("HTTP/1.1 307 Elsewhere\r\nlocation: {to}\r\ncontent-length: 9\r\n\r\nover here"))
}

fn paths(site: &Site) -> Vec<String> {
    site.heads().iter().map(|head| head.split(' ').nth(1).unwrap().to_owned()).collect()
}

#[tokio::test]
async fn none_is_followed_unless_it_is_asked_for() {
    let site = Site::start(count_down);
    let http = Http::get(site.url("/1")).build().unwrap();
    assert_eq!(told(&http.run().await), "Down: answered 307, code 307");
    let http = Http::get(site.url("/1")).expect([307]).build().unwrap();
    assert_eq!(told(&http.run().await), "Up, code 307");
    assert_eq!(paths(&site), ["/1", "/1"]);
}

#[tokio::test]
async fn as_many_are_followed_as_are_asked_for_on_one_connection() {
    let site = Site::start(count_down);
    let http = Http::get(site.url("/3")).follow_redirects(3).body_contains("all well").build().unwrap();
    for _ in 0..3 {
        assert_eq!(told(&http.run().await), "Up, code 200");
    }
    assert_eq!(paths(&site), ["/3", "/2", "/1", "/0"].repeat(3));
    assert_eq!(site.fake.connections(), 1);
    let http = Http::head(site.url("/3")).follow_redirects(2).build().unwrap();
    assert_eq!(told(&http.run().await), "Down: answered 307, code 307");
    assert_eq!(site.heads().iter().filter(|head| head.starts_with("head ")).count(), 3);
}

#[tokio::test]
async fn one_that_leads_nowhere_is_a_code_as_any_other() {
    for to in ["", "location: ftp://127.0.0.1/\r\n", "location: http://\r\n", "location: /\u{e9}\r\n"] {
        let site = Site::saying(format!("HTTP/1.1 302 Found\r\n{to}content-length: 0\r\n\r\n"));
        let http = site.get().follow_redirects(3).build().unwrap();
        assert_eq!(told(&http.run().await), "Down: answered 302, code 302", "{to:?}");
        assert_eq!(site.heads().len(), 1, "{to:?}");
    }
}

#[tokio::test]
async fn no_header_of_the_check_goes_to_another_server() {
    let elsewhere = Site::start(count_down);
    let there = elsewhere.url("/0");
    let site = Site::start(move |head, talk| {
        let is_first = head.starts_with("get /first ");
        redirect(talk, if is_first { "/second" } else { &there })
    });
    let url = site.url("/first").replace("http://", "http://app:hunter2@");
    let http = Http::get(url).header("X-Api-Key", "k3y").follow_redirects(2).build().unwrap();
    assert_eq!(told(&http.run().await), "Up, code 200");
    let known = "x-api-key: k3y";
    let basic = "authorization: basic yxbwomh1bnrlcji="; // app:hunter2, in lower case as all of the head
    let heads = site.heads();
    assert_eq!(heads.len(), 2);
    assert!(heads.iter().all(|head| head.contains(known) && head.contains(basic)), "{heads:?}");
    assert_eq!(elsewhere.heads(), [elsewhere.bare_head("get /0 http/1.1")]);
}

#[tokio::test]
async fn a_client_that_follows_by_itself_is_found_out_unless_it_may() {
    let site = Site::start(count_down);
    let client = |policy| Client::builder().redirect(policy).tls_backend_preconfigured(no_roots()).build().unwrap();
    let http = || Http::get(site.url("/2"));
    let astray = http().client(client(Policy::default())).build().unwrap();
    assert_eq!(told(&astray.run().await), "Down: the client followed a redirect, code 200");
    let allowed = http().client(client(Policy::default())).follow_redirects(1).build().unwrap();
    assert_eq!(told(&allowed.run().await), "Up, code 200");
    let strict = http().client(client(Policy::none())).build().unwrap();
    assert_eq!(told(&strict.run().await), "Down: answered 307, code 307");
    let straight = Http::get(site.url("/0")).client(client(Policy::default())).build().unwrap();
    assert_eq!(told(&straight.run().await), "Up, code 200");
}
