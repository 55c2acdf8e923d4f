mod questions;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use redis::Client;
use redis::aio::{ConnectionManager, ConnectionManagerConfig};

use super::{Redis, RedisBuilder};
use crate::checks::shared::test_support::server::{Connection, FakeServer, UNUSED_ADDRESS};
use crate::checks::shared::test_support::summary::{error_chain, summary};
use crate::{Check, Health};

const MASTER: &str = "*6\r\n$6\r\nserver\r\n$5\r\nredis\r\n$5\r\nproto\r\n:2\r\n$4\r\nrole\r\n$6\r\nmaster\r\n";
const REPLICA: &str = "*4\r\n$5\r\nproto\r\n:2\r\n$4\r\nrole\r\n$7\r\nreplica\r\n";
const UNKNOWN: &str = "-ERR unknown command 'HELLO', with args beginning with: \r\n";
const LOADING: &str = "-LOADING Redis is loading the dataset in memory\r\n";

/// Reads a command and returns its name in capitals.
fn read_command(connection: &mut Connection) -> Option<String> {
    let count: usize = connection.read_line()?.strip_prefix('*')?.parse().ok()?;
    let lines: Vec<_> = (0..2 * count).map_while(|_| connection.read_line()).collect();
    Some(lines.get(1)?.to_uppercase())
}

/// Starts a server with these responses to `PING` and `HELLO`, and `OK` to other commands.
fn server_with(ping: &'static str, hello: &'static str) -> FakeServer {
    FakeServer::start(move |_, mut connection| serve(&mut connection, ping, hello))
}

fn serve(connection: &mut Connection, ping: &str, hello: &str) {
    while let Some(command) = read_command(connection) {
        connection.send(match command.as_str() {
            "PING" => ping,
            "HELLO" => hello,
            _ => "+OK\r\n",
        });
    }
}

fn client(address: &str) -> Client {
    Client::open(format!("redis://:hunter2@{address}/")).unwrap()
}

fn builder(server: &FakeServer) -> RedisBuilder {
    Redis::builder(client(&server.address()))
}

async fn run_against(ping: &'static str, hello: &'static str) -> String {
    summary(&builder(&server_with(ping, hello)).build().unwrap().run().await)
}

#[tokio::test]
async fn one_connection_serves_every_run() {
    let server = server_with("+PONG\r\n", MASTER);
    let redis = builder(&server).build().unwrap();
    for _ in 0..10 {
        assert_eq!(summary(&redis.clone().run().await), r#"Up, role "master", loading false"#);
    }
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn a_server_without_a_role_has_no_role_detail() {
    let nested = "*2\r\n$4\r\nrole\r\n*1\r\n$6\r\nmaster\r\n";
    for hello in [UNKNOWN, "+OK\r\n", "*0\r\n", "*1\r\n$4\r\nrole\r\n", "*2\r\n$4\r\nrole\r\n$4\r\nking\r\n", nested, "$-1\r\n"] {
        assert_eq!(run_against("+PONG\r\n", hello).await, "Up, loading false", "{hello}");
    }
}

#[tokio::test]
async fn the_settings_decide_the_status_of_a_replica() {
    let server = server_with("+PONG\r\n", REPLICA);
    let details = r#"role "replica", loading false"#;
    let run = async |builder: RedisBuilder| summary(&builder.build().unwrap().run().await);
    assert_eq!(run(builder(&server)).await, format!("Degraded: read-only replica, {details}"));
    assert_eq!(run(builder(&server).needs_writes()).await, format!("Down: read-only replica, {details}"));
    assert_eq!(run(builder(&server).reads_only()).await, format!("Up, {details}"));
}

#[tokio::test]
async fn a_server_that_is_loading_is_down() {
    assert_eq!(run_against(LOADING, MASTER).await, r#"Down: loading, role "master", loading true"#);
    assert_eq!(run_against(LOADING, REPLICA).await, r#"Down: loading, role "replica", loading true"#);
    assert_eq!(run_against(LOADING, LOADING).await, "Down: loading, loading true");
}

#[tokio::test]
async fn a_rejected_login_has_its_own_reason_and_shows_no_password() {
    let refusals = ["-NOAUTH Authentication required.\r\n", "-WRONGPASS invalid username-password pair or user is disabled.\r\n"];
    for refusal in refusals {
        assert_eq!(run_against(refusal, refusal).await, "Down: authentication failed", "{refusal}");
    }
    // The response to `AUTH` itself, of a new server and of an old one.
    for refusal in ["-WRONGPASS hunter2\r\n", "-ERR invalid password hunter2\r\n"] {
        let server = FakeServer::start(move |_, mut connection| {
            while let Some(command) = read_command(&mut connection) {
                connection.send(if command == "AUTH" { refusal } else { "+OK\r\n" });
            }
        });
        let outcome = builder(&server).build().unwrap().run().await;
        assert_eq!(summary(&outcome), "Down: authentication failed");
        assert!(!format!("{outcome:?}").contains("hunter2"), "{outcome:?}");
    }
}

#[tokio::test]
async fn any_other_error_response_is_down() {
    let server = server_with("-NOPERM User orders has no permissions to run the 'ping' command\r\n", MASTER);
    let outcome = builder(&server).build().unwrap().run().await;
    assert_eq!(summary(&outcome), "Down: check failed");
    assert!(error_chain(&outcome).ends_with("User orders has no permissions to run the 'ping' command"), "{outcome:?}");
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn a_server_that_speaks_another_protocol_is_down() {
    for garbage in ["HTTP/1.1 400 Bad Request\r\n\r\n", "VERSION 1.6.18\r\n", "\u{0}\u{1}\u{2}"] {
        let server = FakeServer::start(move |_, mut connection| {
            connection.read_line();
            connection.send(garbage);
        });
        let text = summary(&builder(&server).build().unwrap().run().await);
        assert!(text.starts_with("Down: "), "{garbage:?}: {text}");
    }
}

#[tokio::test]
async fn a_broken_connection_is_replaced_within_the_run() {
    // Each connection serves one query and is then closed.
    let server = FakeServer::start(|_, mut connection| {
        while let Some(command) = read_command(&mut connection) {
            match command.as_str() {
                "PING" => connection.send("+PONG\r\n"),
                "HELLO" => return connection.send(MASTER),
                _ => connection.send("+OK\r\n"),
            }
        }
    });
    let redis = builder(&server).build().unwrap();
    for number in 1..=3 {
        assert_eq!(summary(&redis.run().await), r#"Up, role "master", loading false"#);
        assert_eq!(server.connections(), number);
    }
}

#[tokio::test]
async fn without_a_listener_the_connection_is_refused() {
    let redis = Redis::builder(client(UNUSED_ADDRESS)).build().unwrap();
    assert_eq!(summary(&redis.run().await), "Down: connection refused");
    let redis = Redis::builder(Client::open("redis://nobody.invalid/").unwrap()).build().unwrap();
    assert_eq!(summary(&redis.run().await), "Down: name does not resolve");
}

#[tokio::test]
async fn with_a_connection_of_the_application_the_check_opens_none() {
    let server = server_with("+PONG\r\n", MASTER);
    let connection = client(&server.address()).get_multiplexed_async_connection().await.unwrap();
    let redis = builder(&server).connection(connection).build().unwrap();
    for _ in 0..5 {
        assert_eq!(summary(&redis.run().await), r#"Up, role "master", loading false"#);
    }
    let manager = ConnectionManager::new(client(&server.address())).await.unwrap();
    let redis = builder(&server).manager(manager).build().unwrap();
    for _ in 0..5 {
        assert_eq!(summary(&redis.run().await), r#"Up, role "master", loading false"#);
    }
    assert_eq!(server.connections(), 2);
}

#[tokio::test]
async fn a_broken_connection_of_the_application_is_down_although_the_server_is_up() {
    // The first connection breaks at the first command after its setup.
    let server = FakeServer::start(|number, mut connection| {
        if number == 1 {
            (0..3).for_each(|_| {
                read_command(&mut connection);
                connection.send("+OK\r\n");
            });
            read_command(&mut connection);
        } else {
            serve(&mut connection, "+PONG\r\n", MASTER);
        }
    });
    let connection = client(&server.address()).get_multiplexed_async_connection().await.unwrap();
    let redis = builder(&server).connection(connection).build().unwrap();
    for _ in 0..3 {
        assert_eq!(summary(&redis.run().await), "Down: broken pipe");
    }
}

#[tokio::test]
async fn the_response_timeout_of_a_connection_does_not_apply_to_the_check() {
    let server = FakeServer::start(|_, mut connection| {
        while let Some(command) = read_command(&mut connection) {
            match command.as_str() {
                "PING" => {
                    std::thread::sleep(std::time::Duration::from_millis(300));
                    connection.send("+PONG\r\n");
                }
                "HELLO" => connection.send(MASTER),
                _ => connection.send("+OK\r\n"),
            }
        }
    });
    let mut connection = client(&server.address()).get_multiplexed_async_connection().await.unwrap();
    connection.set_response_timeout(std::time::Duration::from_millis(20));
    let redis = builder(&server).connection(connection.clone()).build().unwrap();
    assert_eq!(summary(&redis.run().await), r#"Up, role "master", loading false"#);
    let error = redis::cmd("PING").exec_async(&mut connection).await.unwrap_err();
    assert!(error.is_timeout(), "the timeout of the application still applies: {error}");
}

#[tokio::test]
async fn a_manager_that_cannot_connect_is_down_with_the_reason() {
    let config = ConnectionManagerConfig::new();
    let manager = ConnectionManager::new_lazy_with_config(client(UNUSED_ADDRESS), config).unwrap();
    let redis = Redis::builder(client(UNUSED_ADDRESS)).manager(manager).build().unwrap();
    for _ in 0..2 {
        assert_eq!(summary(&redis.run().await), "Down: connection refused");
    }
}

#[tokio::test]
async fn a_manager_reconnects_within_the_run() {
    let runs = Arc::<AtomicUsize>::default();
    let count = Arc::clone(&runs);
    // Each connection serves one query.
    let server = FakeServer::start(move |_, mut connection| {
        while let Some(command) = read_command(&mut connection) {
            match command.as_str() {
                "PING" => connection.send("+PONG\r\n"),
                "HELLO" => {
                    count.fetch_add(1, Ordering::SeqCst);
                    return connection.send(MASTER);
                }
                _ => connection.send("+OK\r\n"),
            }
        }
    });
    let manager = ConnectionManager::new(client(&server.address())).await.unwrap();
    let redis = builder(&server).manager(manager).build().unwrap();
    for run in 1..=3 {
        assert_eq!(summary(&redis.run().await), r#"Up, role "master", loading false"#);
        assert_eq!(runs.load(Ordering::SeqCst), run);
    }
}

#[test]
fn build_reports_all_invalid_settings() {
    let client = Client::open("redis://:hunter2@cache:0/").unwrap();
    let error = Redis::builder(client).needs_writes().reads_only().build().unwrap_err();
    assert_eq!(
        error.to_string(),
        "`Redis` cannot be built; 2 problems:
  `client` has port 0; use the port of the server, 6379 by default
  `needs_writes` and `reads_only` conflict; remove one"
    );
}

#[tokio::test]
async fn a_connection_and_a_manager_together_are_rejected() {
    let server = server_with("+PONG\r\n", MASTER);
    let connection = client(&server.address()).get_multiplexed_async_connection().await.unwrap();
    let manager = ConnectionManager::new(client(&server.address())).await.unwrap();
    let error = builder(&server).connection(connection).manager(manager).build().unwrap_err();
    assert_eq!(error.to_string(), "`Redis` cannot be built; 1 problem:\n  `connection` and `manager` are both set; remove one");
}

#[tokio::test]
async fn debug_output_shows_neither_user_nor_password() {
    let client = || Client::open("redis://orders:hunter2@cache/").unwrap();
    assert_eq!(format!("{:?}", Redis::builder(client())), "RedisBuilder { needs_writes: false, reads_only: false, .. }");
    assert_eq!(format!("{:?}", Redis::builder(client()).build().unwrap()), "Redis { without_writes: Degraded, .. }");
}

#[tokio::test]
async fn a_liveness_check_is_rejected() {
    let redis = Redis::builder(client(UNUSED_ADDRESS)).build().unwrap();
    let error = Health::builder().linked_checks(false).check(Check::liveness("redis", redis)).start().unwrap_err();
    assert!(error.to_string().contains("health check `redis`") && error.to_string().contains("liveness"), "{error}");
}
