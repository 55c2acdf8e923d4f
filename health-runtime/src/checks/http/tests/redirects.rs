//! Redirects, which are unexpected codes unless they are followed.

use reqwest::Client;
use reqwest::redirect::Policy;

use super::{HttpServer, no_roots};
use crate::checks::Http;
use crate::checks::shared::test_support::server::Connection;
use crate::checks::shared::test_support::summary::summary;

/// Redirects `/3` to `/2`, and so on to `/0`, which responds with 200.
fn count_down(head: &str, connection: &mut Connection) -> bool {
    let path = head.split(' ').nth(1).unwrap();
    match path.trim_start_matches('/').parse::<u32>() {
        Ok(0) => connection.try_send(super::response(200, "all well")),
        Ok(left) => redirect(connection, &format!("/{}", left - 1)),
        Err(_) => connection.try_send(super::response(404, "")),
    }
}

fn redirect(connection: &mut Connection, to: &str) -> bool {
    connection.try_send(format!("HTTP/1.1 307 Elsewhere\r\nlocation: {to}\r\ncontent-length: 9\r\n\r\nover here"))
}

fn paths(server: &HttpServer) -> Vec<String> {
    server.heads().iter().map(|head| head.split(' ').nth(1).unwrap().to_owned()).collect()
}

#[tokio::test]
async fn no_redirect_is_followed_by_default() {
    let server = HttpServer::start(count_down);
    let http = Http::get(server.url("/1")).build().unwrap();
    assert_eq!(summary(&http.run().await), "Down: answered 307, code 307");
    let http = Http::get(server.url("/1")).expect([307]).build().unwrap();
    assert_eq!(summary(&http.run().await), "Up, code 307");
    assert_eq!(paths(&server), ["/1", "/1"]);
}

#[tokio::test]
async fn redirects_are_followed_up_to_the_maximum_on_one_connection() {
    let server = HttpServer::start(count_down);
    let http = Http::get(server.url("/3")).follow_redirects(3).body_contains("all well").build().unwrap();
    for _ in 0..3 {
        assert_eq!(summary(&http.run().await), "Up, code 200");
    }
    assert_eq!(paths(&server), ["/3", "/2", "/1", "/0"].repeat(3));
    assert_eq!(server.connections(), 1);
    let http = Http::head(server.url("/3")).follow_redirects(2).build().unwrap();
    assert_eq!(summary(&http.run().await), "Down: answered 307, code 307");
    assert_eq!(server.heads().iter().filter(|head| head.starts_with("head ")).count(), 3);
}

#[tokio::test]
async fn a_redirect_without_a_valid_target_is_an_unexpected_code() {
    for to in ["", "location: ftp://127.0.0.1/\r\n", "location: http://\r\n", "location: /\u{e9}\r\n"] {
        let server = HttpServer::with_response(format!("HTTP/1.1 302 Found\r\n{to}content-length: 0\r\n\r\n"));
        let http = server.get().follow_redirects(3).build().unwrap();
        assert_eq!(summary(&http.run().await), "Down: answered 302, code 302", "{to:?}");
        assert_eq!(server.heads().len(), 1, "{to:?}");
    }
}

#[tokio::test]
async fn no_header_of_the_check_is_sent_to_another_server() {
    let other = HttpServer::start(count_down);
    let target = other.url("/0");
    let server = HttpServer::start(move |head, connection| {
        let is_first = head.starts_with("get /first ");
        redirect(connection, if is_first { "/second" } else { &target })
    });
    let url = server.url("/first").replace("http://", "http://app:hunter2@");
    let http = Http::get(url).header("X-Api-Key", "k3y").follow_redirects(2).build().unwrap();
    assert_eq!(summary(&http.run().await), "Up, code 200");
    let api_key = "x-api-key: k3y";
    let basic = "authorization: basic yxbwomh1bnrlcji="; // app:hunter2, in lower case as all of the head
    let heads = server.heads();
    assert_eq!(heads.len(), 2);
    assert!(heads.iter().all(|head| head.contains(api_key) && head.contains(basic)), "{heads:?}");
    assert_eq!(other.heads(), [other.plain_head("get /0 http/1.1")]);
}

#[tokio::test]
async fn a_client_that_follows_redirects_is_down_unless_redirects_are_allowed() {
    let server = HttpServer::start(count_down);
    let client = |policy| Client::builder().redirect(policy).tls_backend_preconfigured(no_roots()).build().unwrap();
    let http = || Http::get(server.url("/2"));
    let followed = http().client(client(Policy::default())).build().unwrap();
    assert_eq!(summary(&followed.run().await), "Down: the client followed a redirect, code 200");
    let allowed = http().client(client(Policy::default())).follow_redirects(1).build().unwrap();
    assert_eq!(summary(&allowed.run().await), "Up, code 200");
    let strict = http().client(client(Policy::none())).build().unwrap();
    assert_eq!(summary(&strict.run().await), "Down: answered 307, code 307");
    let direct = Http::get(server.url("/0")).client(client(Policy::default())).build().unwrap();
    assert_eq!(summary(&direct.run().await), "Up, code 200");
}

/// A client has no getter for its policy; its debug output shows it.
#[test]
#[expect(clippy::redundant_closure_for_method_calls, reason = "a path to the method is not general enough")]
fn a_client_that_may_follow_redirects_is_rejected_for_a_check_with_secrets() {
    let client = |policy: Policy| Client::builder().redirect(policy).tls_backend_preconfigured(no_roots()).build().unwrap();
    let problem = "`Http` cannot be built; 1 problem:
  `client` may follow redirects, which sends headers, credentials and query to other servers; build it with \
                   `redirect(Policy::none())`";
    let secrets = || {
        [
            Http::get("http://api/").header("x-api-key", "k3y"),
            Http::get("http://app:hunter2@api/"),
            Http::get("http://app@api/"),
            Http::head("http://api/?key=s3cret"),
        ]
    };
    for builder in secrets() {
        assert!(builder.client(client(Policy::none())).build().is_ok());
    }
    let follows = || [Policy::default(), Policy::limited(1), Policy::custom(|attempt| attempt.follow())].map(client);
    for client in follows() {
        for builder in secrets().into_iter().chain(secrets().map(|builder| builder.follow_redirects(1))) {
            assert_eq!(builder.client(client.clone()).build().unwrap_err().to_string(), problem);
        }
        assert!(Http::get("http://api/").client(client).build().is_ok(), "without secrets");
    }
}

#[test]
fn no_text_of_an_application_passes_for_the_policy() {
    let mut headers = reqwest::header::HeaderMap::new();
    headers.insert("x", r#"redirect_policy: "Policy(None)""#.parse().unwrap());
    let client = Client::builder().default_headers(headers).tls_backend_preconfigured(no_roots()).build().unwrap();
    assert!(Http::get("http://api/?a=b").client(client).build().is_err());
}

#[tokio::test]
async fn with_a_client_that_follows_none_the_check_follows_without_secrets() {
    let other = HttpServer::start(count_down);
    let target = other.url("/0");
    let server = HttpServer::start(move |_, connection| redirect(connection, &target));
    let client = Client::builder().redirect(Policy::none()).tls_backend_preconfigured(no_roots()).build().unwrap();
    let http = Http::get(server.url("/?key=s3cret")).header("X-Api-Key", "k3y").client(client).follow_redirects(1);
    assert_eq!(summary(&http.build().unwrap().run().await), "Up, code 200");
    assert!(server.heads()[0].contains("get /?key=s3cret ") && server.heads()[0].contains("x-api-key: k3y"));
    let heads = other.heads();
    assert!(heads.len() == 1 && !heads[0].contains("s3cret") && !heads[0].contains("k3y"), "{heads:?}");
}
