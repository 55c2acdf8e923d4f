use std::time::Duration;

use super::Memcached;
use crate::checks::shared::test_support::server::{Connection, FakeServer, UNUSED_ADDRESS};
use crate::checks::shared::test_support::summary::{error_chain, summary};

const PASSWORD: &str = "s3cret word";

fn check(server: &FakeServer) -> Memcached {
    Memcached::builder(server.address()).build().unwrap()
}

fn with_password(server: &FakeServer) -> Memcached {
    Memcached::builder(server.address()).credentials("orders", PASSWORD).build().unwrap()
}

/// Starts a server that responds to each line with the result of `respond`.
fn server_with(respond: impl Fn(&str) -> &'static str + Send + Sync + 'static) -> FakeServer {
    FakeServer::start(move |_, mut connection| {
        while let Some(line) = connection.read_line() {
            connection.send(respond(&line));
        }
    })
}

/// Runs a check against a server with one response to every line.
async fn run_against(response: &'static str) -> String {
    summary(&check(&server_with(move |_| response)).run().await)
}

fn reads_version(connection: &mut Connection) -> bool {
    connection.read_line().is_some_and(|line| line == "version")
}

#[tokio::test]
async fn one_connection_serves_every_run() {
    let server = server_with(|line| if line == "version" { "VERSION 1.6.18\r\n" } else { "ERROR\r\n" });
    let memcached = check(&server);
    for _ in 0..10 {
        assert_eq!(summary(&memcached.run().await), r#"Up, version "1.6.18""#);
    }
    assert_eq!(summary(&memcached.clone().run().await), r#"Up, version "1.6.18""#);
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn a_connection_is_replaced_after_30_seconds() {
    let server = server_with(|_| "VERSION 1.6.18\r\n");
    let memcached = check(&server);
    for (connections, age) in [(1, 0), (1, 20_000), (2, 10_000), (2, 20_000), (3, 10_000)] {
        tokio::time::pause();
        tokio::time::advance(Duration::from_millis(age)).await;
        tokio::time::resume();
        assert_eq!(summary(&memcached.run().await), r#"Up, version "1.6.18""#);
        assert_eq!(server.connections(), connections);
    }
}

#[tokio::test]
async fn a_response_may_arrive_in_pieces() {
    let server = FakeServer::start(|_, mut connection| {
        while reads_version(&mut connection) {
            for piece in ["VER", "SION 1", ".6\r", "\n"] {
                connection.send(piece);
                std::thread::sleep(Duration::from_millis(5));
            }
        }
    });
    let memcached = check(&server);
    assert_eq!(summary(&memcached.run().await), r#"Up, version "1.6""#);
    assert_eq!(summary(&memcached.run().await), r#"Up, version "1.6""#);
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn a_broken_connection_is_replaced_within_the_run() {
    // Each connection serves one query and is then closed.
    let server = FakeServer::start(|number, mut connection| {
        if reads_version(&mut connection) {
            connection.send(format!("VERSION {number}\r\n"));
        }
    });
    let memcached = check(&server);
    for number in 1..=3 {
        assert_eq!(summary(&memcached.run().await), format!(r#"Up, version "{number}""#));
    }
}

#[tokio::test]
async fn a_cached_connection_with_an_unexpected_response_is_replaced_within_the_run() {
    let server = FakeServer::start(|number, mut connection| {
        reads_version(&mut connection);
        connection.send(format!("VERSION {number}\r\nVALUE x\r\n"));
        connection.read_line();
    });
    let memcached = check(&server);
    assert_eq!(summary(&memcached.run().await), r#"Up, version "1""#);
    assert_eq!(summary(&memcached.run().await), r#"Up, version "2""#);
}

#[tokio::test]
async fn an_incomplete_response_is_an_error() {
    let server = FakeServer::start(|_, mut connection| {
        reads_version(&mut connection);
        connection.send("VERSION 1.6.1");
    });
    let outcome = check(&server).run().await;
    assert_eq!(summary(&outcome), "Down: unexpected end of file");
    assert_eq!(error_chain(&outcome), "memcached closed the connection before the end of its response");

    let server = FakeServer::start(|_, _| {});
    let outcome = check(&server).run().await;
    let closed = ["Down: unexpected end of file", "Down: connection reset", "Down: broken pipe"];
    assert!(closed.contains(&summary(&outcome).as_str()), "{outcome:?}");
}

#[tokio::test]
async fn a_server_that_speaks_another_protocol_is_down_with_its_own_reason() {
    for garbage in [
        "HTTP/1.1 400 Bad Request\r\n",
        "\r\n",
        "\n",
        "VERSIONS\r\n",
        "ERROR\r\n",
        "END\r\n",
        "version 1\r\n",
        "+PONG\r\n",
        "\u{1}\r\n",
    ] {
        assert_eq!(run_against(garbage).await, "Down: unexpected answer", "{garbage:?}");
    }
    let outcome = check(&server_with(|_| "ERROR Too many \u{1b}open connections\r\n")).run().await;
    assert_eq!(summary(&outcome), "Down: unexpected answer");
    assert_eq!(error_chain(&outcome), r"memcached responded with `ERROR Too many \u{1b}open connections`");
}

#[tokio::test]
async fn the_version_may_be_missing() {
    for (line, expected) in [("VERSION\r\n", "Up"), ("VERSION \r\n", "Up"), ("VERSION a b\r\n", r#"Up, version "a b""#)] {
        assert_eq!(run_against(line).await, expected, "{line:?}");
    }
}

#[tokio::test]
async fn a_proxy_that_does_not_know_the_command_is_asked_for_a_key_from_then_on() {
    let (line_tx, line_rx) = std::sync::mpsc::channel();
    let server = server_with(move |line| {
        line_tx.send(line.to_owned()).unwrap();
        if line == "get health-runtime-no-such-key" { "END\r\n" } else { "ERROR\r\n" }
    });
    let memcached = check(&server);
    for _ in 0..3 {
        assert_eq!(summary(&memcached.run().await), "Up");
    }
    let get = "get health-runtime-no-such-key";
    assert_eq!(
        (line_rx.try_iter().collect::<Vec<_>>(), server.connections()),
        (vec!["version".to_owned(), get.to_owned(), get.to_owned(), get.to_owned()], 1)
    );
}

#[tokio::test]
async fn a_line_is_read_up_to_its_maximum_length() {
    let server = FakeServer::start(|_, mut connection| {
        reads_version(&mut connection);
        connection.send("VERSION ");
        // Sends until the client closes, at most one megabyte.
        (0..256).for_each(|_| connection.send([b'1'; 4096]));
        connection.read_line();
    });
    let outcome = check(&server).run().await;
    assert_eq!(summary(&outcome), "Down: unexpected answer");
    assert_eq!(error_chain(&outcome), "memcached responded with a line longer than 512 bytes");

    let longest = format!("VERSION {}\r\n", "1".repeat(512 - 10));
    let server = FakeServer::start(move |_, mut connection| {
        reads_version(&mut connection);
        connection.send(&longest);
    });
    assert_eq!(summary(&check(&server).run().await), format!(r#"Up, version "{}""#, "1".repeat(502)));
}

#[tokio::test]
async fn bytes_that_are_not_utf_8_are_replaced() {
    let server = FakeServer::start(|_, mut connection| {
        reads_version(&mut connection);
        connection.send(b"VERSION \xff\r\n");
    });
    assert_eq!(summary(&check(&server).run().await), "Up, version \"\u{fffd}\"");
}

/// Starts a server that requires these credentials.
fn server_with_login(credentials: &'static str) -> FakeServer {
    FakeServer::start(move |_, mut connection| {
        let mut is_logged_in = false;
        while let Some(line) = connection.read_line() {
            if line == "version" && is_logged_in {
                connection.send("VERSION 1.6.18\r\n");
            } else if line == format!("set auth 0 0 {}", credentials.len()) {
                is_logged_in = connection.read_line().is_some_and(|line| line == credentials);
                connection.send(if is_logged_in { "STORED\r\n" } else { "CLIENT_ERROR authentication failure\r\n" });
            } else {
                connection.send("CLIENT_ERROR unauthenticated\r\n");
            }
        }
    })
}

#[tokio::test]
async fn each_connection_logs_in_once() {
    let server = server_with_login("orders s3cret word");
    let memcached = with_password(&server);
    for _ in 0..3 {
        assert_eq!(summary(&memcached.run().await), r#"Up, version "1.6.18""#);
    }
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn a_rejected_login_has_its_own_reason_and_shows_no_password() {
    let outcome = with_password(&server_with_login("orders another one")).run().await;
    assert_eq!(summary(&outcome), "Down: authentication failed");
    assert_eq!(error_chain(&outcome), "memcached rejected the credentials");

    let outcome = check(&server_with_login("orders another one")).run().await;
    assert_eq!(summary(&outcome), "Down: authentication failed");
    assert_eq!(error_chain(&outcome), "memcached requires credentials; set `credentials` on the builder");

    // No response that repeats the password is shown.
    for echo in ["CLIENT_ERROR s3cret word\r\n", "orders s3cret word\r\n"] {
        let server = server_with(move |line| if line == "version" { "CLIENT_ERROR unauthenticated\r\n" } else { echo });
        let outcome = with_password(&server).run().await;
        assert!(!format!("{outcome:?}").contains("s3cret"), "{outcome:?}");
    }
}

#[tokio::test]
async fn the_password_is_not_sent_to_a_server_that_requires_none() {
    let (line_tx, line_rx) = std::sync::mpsc::channel();
    let server = server_with(move |line| {
        line_tx.send(line.to_owned()).unwrap();
        "VERSION 1.6.18\r\n"
    });
    let memcached = with_password(&server);
    assert_eq!(summary(&memcached.run().await), r#"Up, version "1.6.18""#);
    drop((server, memcached));
    assert_eq!(line_rx.try_iter().collect::<Vec<_>>(), ["version"]);
}

#[tokio::test]
async fn without_a_listener_the_connection_is_refused() {
    assert_eq!(summary(&Memcached::builder(UNUSED_ADDRESS).build().unwrap().run().await), "Down: connection refused");
    let outcome = Memcached::builder("nobody.invalid:11211").build().unwrap().run().await;
    assert_eq!(summary(&outcome), "Down: name does not resolve");
}

#[test]
fn build_reports_all_invalid_settings_without_secrets() {
    let error = Memcached::builder("memcached://x:hunter2@cache").credentials("", "hunter2\n").build().unwrap_err();
    assert_eq!(
        error.to_string(),
        "`Memcached` cannot be built; 3 problems:
  `address` must be `host:port`; remove the scheme, the user and the path, as in `cache.internal:11211`
  `user` must not be empty or contain spaces, colons or control characters
  `password` must not be empty or contain control characters"
    );
    for user in ["", "a b", "a:b", "a\r\nb"] {
        assert!(Memcached::builder("cache:11211").credentials(user, "x").build().is_err(), "{user:?}");
    }
    for password in ["", "a\r\nflush_all", "\0"] {
        assert!(Memcached::builder("cache:11211").credentials("orders", password).build().is_err(), "{password:?}");
    }
}

#[test]
fn debug_output_shows_no_secret() {
    let builder = Memcached::builder("cache:11211").credentials("orders", "hunter2");
    assert_eq!(format!("{builder:?}"), "MemcachedBuilder { .. }");
    let shown = format!("{:?}", builder.build().unwrap());
    assert_eq!(shown, r#"Memcached { address: HostPort { host: "cache", port: 11211 }, .. }"#);
}
