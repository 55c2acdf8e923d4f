use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use redis::Client;
use redis::aio::{ConnectionManager, ConnectionManagerConfig};

use super::{Redis, RedisBuilder};
use crate::checks::shared::test_support::server::{Fake, NOWHERE, Talk, chain, told};
use crate::{Check, Health};

const MASTER: &str = "*6\r\n$6\r\nserver\r\n$5\r\nredis\r\n$5\r\nproto\r\n:2\r\n$4\r\nrole\r\n$6\r\nmaster\r\n";
const REPLICA: &str = "*4\r\n$5\r\nproto\r\n:2\r\n$4\r\nrole\r\n$7\r\nreplica\r\n";
const UNKNOWN: &str = "-ERR unknown command 'HELLO', with args beginning with: \r\n";
const LOADING: &str = "-LOADING Redis is loading the dataset in memory\r\n";

/// The next command, in capitals and without what follows it.
fn command(talk: &mut Talk) -> Option<String> {
    let words: usize = talk.line()?.strip_prefix('*')?.parse().ok()?;
    let words: Vec<_> = (0..2 * words).map_while(|_| talk.line()).collect();
    Some(words.get(1)?.to_uppercase())
}

/// Answers as the connection is set up, and then these two.
fn answering(ping: &'static str, hello: &'static str) -> Fake {
    Fake::start(move |_, mut talk| serve(&mut talk, ping, hello))
}

fn serve(talk: &mut Talk, ping: &str, hello: &str) {
    while let Some(command) = command(talk) {
        talk.say(match command.as_str() {
            "PING" => ping,
            "HELLO" => hello,
            _ => "+OK\r\n",
        });
    }
}

fn client(address: &str) -> Client {
    Client::open(format!("redis://:hunter2@{address}/")).unwrap()
}

fn builder(server: &Fake) -> RedisBuilder {
    Redis::builder(client(&server.address()))
}

async fn told_by(ping: &'static str, hello: &'static str) -> String {
    told(&builder(&answering(ping, hello)).build().unwrap().run().await)
}

#[tokio::test]
async fn one_connection_serves_every_run() {
    let server = answering("+PONG\r\n", MASTER);
    let redis = builder(&server).build().unwrap();
    for _ in 0..10 {
        assert_eq!(told(&redis.clone().run().await), r#"Up, role "master", loading false"#);
    }
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn a_server_that_tells_no_role_goes_without() {
    let nested = "*2\r\n$4\r\nrole\r\n*1\r\n$6\r\nmaster\r\n";
    for hello in [UNKNOWN, "+OK\r\n", "*0\r\n", "*1\r\n$4\r\nrole\r\n", "*2\r\n$4\r\nrole\r\n$4\r\nking\r\n", nested, "$-1\r\n"] {
        assert_eq!(told_by("+PONG\r\n", hello).await, "Up, loading false", "{hello}");
    }
}

#[tokio::test]
async fn a_replica_is_what_the_settings_say() {
    let server = answering("+PONG\r\n", REPLICA);
    let details = r#"role "replica", loading false"#;
    let run = async |builder: RedisBuilder| told(&builder.build().unwrap().run().await);
    assert_eq!(run(builder(&server)).await, format!("Degraded: read-only replica, {details}"));
    assert_eq!(run(builder(&server).needs_writes()).await, format!("Down: read-only replica, {details}"));
    assert_eq!(run(builder(&server).reads_only()).await, format!("Up, {details}"));
}

#[tokio::test]
async fn a_server_that_loads_is_there_and_down() {
    assert_eq!(told_by(LOADING, MASTER).await, r#"Down: loading, role "master", loading true"#);
    assert_eq!(told_by(LOADING, REPLICA).await, r#"Down: loading, role "replica", loading true"#);
    assert_eq!(told_by(LOADING, LOADING).await, "Down: loading, loading true");
}

#[tokio::test]
async fn a_refused_login_is_named_and_tells_no_password() {
    let refusals = ["-NOAUTH Authentication required.\r\n", "-WRONGPASS invalid username-password pair or user is disabled.\r\n"];
    for refusal in refusals {
        assert_eq!(told_by(refusal, refusal).await, "Down: authentication failed", "{refusal}");
    }
    // In answer to AUTH itself: by a new server, and by an old one.
    for refusal in ["-WRONGPASS hunter2\r\n", "-ERR invalid password hunter2\r\n"] {
        let server = Fake::start(move |_, mut talk| {
            while let Some(command) = command(&mut talk) {
                talk.say(if command == "AUTH" { refusal } else { "+OK\r\n" });
            }
        });
        let outcome = builder(&server).build().unwrap().run().await;
        assert_eq!(told(&outcome), "Down: authentication failed");
        assert!(!format!("{outcome:?}").contains("hunter2"), "{outcome:?}");
    }
}

#[tokio::test]
async fn any_other_error_of_the_server_is_a_failure() {
    let server = answering("-NOPERM User orders has no permissions to run the 'ping' command\r\n", MASTER);
    let outcome = builder(&server).build().unwrap().run().await;
    assert_eq!(told(&outcome), "Down: check failed");
    assert!(chain(&outcome).ends_with("User orders has no permissions to run the 'ping' command"), "{outcome:?}");
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn what_is_no_redis_is_down() {
    for garbage in ["HTTP/1.1 400 Bad Request\r\n\r\n", "VERSION 1.6.18\r\n", "\u{0}\u{1}\u{2}"] {
        let server = Fake::start(move |_, mut talk| {
            talk.line();
            talk.say(garbage);
        });
        let told = told(&builder(&server).build().unwrap().run().await);
        assert!(told.starts_with("Down: "), "{garbage:?}: {told}");
    }
}

#[tokio::test]
async fn a_connection_that_broke_is_replaced_within_the_run() {
    // Each connection answers once, and is then closed.
    let server = Fake::start(|_, mut talk| {
        while let Some(command) = command(&mut talk) {
            match command.as_str() {
                "PING" => talk.say("+PONG\r\n"),
                "HELLO" => return talk.say(MASTER),
                _ => talk.say("+OK\r\n"),
            }
        }
    });
    let redis = builder(&server).build().unwrap();
    for number in 1..=3 {
        assert_eq!(told(&redis.run().await), r#"Up, role "master", loading false"#);
        assert_eq!(server.connections(), number);
    }
}

#[tokio::test]
async fn where_nothing_listens_it_is_refused() {
    let redis = Redis::builder(client(NOWHERE)).build().unwrap();
    assert_eq!(told(&redis.run().await), "Down: connection refused");
    let redis = Redis::builder(Client::open("redis://nobody.invalid/").unwrap()).build().unwrap();
    assert_eq!(told(&redis.run().await), "Down: name does not resolve");
}

#[tokio::test]
async fn through_a_connection_of_the_application_none_is_made() {
    let server = answering("+PONG\r\n", MASTER);
    let connection = client(&server.address()).get_multiplexed_async_connection().await.unwrap();
    let redis = builder(&server).connection(connection).build().unwrap();
    for _ in 0..5 {
        assert_eq!(told(&redis.run().await), r#"Up, role "master", loading false"#);
    }
    let manager = ConnectionManager::new(client(&server.address())).await.unwrap();
    let redis = builder(&server).manager(manager).build().unwrap();
    for _ in 0..5 {
        assert_eq!(told(&redis.run().await), r#"Up, role "master", loading false"#);
    }
    assert_eq!(server.connections(), 2);
}

#[tokio::test]
async fn a_dead_connection_of_the_application_is_down_whatever_the_server_says() {
    // The first connection breaks at the first command after it was set up.
    let server = Fake::start(|number, mut talk| {
        if number == 1 {
            (0..3).for_each(|_| {
                command(&mut talk);
                talk.say("+OK\r\n");
            });
            command(&mut talk);
        } else {
            serve(&mut talk, "+PONG\r\n", MASTER);
        }
    });
    let connection = client(&server.address()).get_multiplexed_async_connection().await.unwrap();
    let redis = builder(&server).connection(connection).build().unwrap();
    for _ in 0..3 {
        assert_eq!(told(&redis.run().await), "Down: broken pipe");
    }
}

#[tokio::test]
async fn the_limit_of_a_connection_for_an_answer_is_not_that_of_the_check() {
    let server = Fake::start(|_, mut talk| {
        while let Some(command) = command(&mut talk) {
            match command.as_str() {
                "PING" => {
                    std::thread::sleep(std::time::Duration::from_millis(300));
                    talk.say("+PONG\r\n");
                }
                "HELLO" => talk.say(MASTER),
                _ => talk.say("+OK\r\n"),
            }
        }
    });
    let mut connection = client(&server.address()).get_multiplexed_async_connection().await.unwrap();
    connection.set_response_timeout(std::time::Duration::from_millis(20));
    let redis = builder(&server).connection(connection.clone()).build().unwrap();
    assert_eq!(told(&redis.run().await), r#"Up, role "master", loading false"#);
    let error = redis::cmd("PING").exec_async(&mut connection).await.unwrap_err();
    assert!(error.is_timeout(), "the application's own limit stands: {error}");
}

#[tokio::test]
async fn a_manager_that_cannot_connect_says_why() {
    let config = ConnectionManagerConfig::new();
    let manager = ConnectionManager::new_lazy_with_config(client(NOWHERE), config).unwrap();
    let redis = Redis::builder(client(NOWHERE)).manager(manager).build().unwrap();
    for _ in 0..2 {
        assert_eq!(told(&redis.run().await), "Down: connection refused");
    }
}

#[tokio::test]
async fn a_manager_connects_anew_within_the_run() {
    let runs = Arc::<AtomicUsize>::default();
    let count = Arc::clone(&runs);
    // Each connection answers once.
    let server = Fake::start(move |_, mut talk| {
        while let Some(command) = command(&mut talk) {
            match command.as_str() {
                "PING" => talk.say("+PONG\r\n"),
                "HELLO" => {
                    count.fetch_add(1, Ordering::SeqCst);
                    return talk.say(MASTER);
                }
                _ => talk.say("+OK\r\n"),
            }
        }
    });
    let manager = ConnectionManager::new(client(&server.address())).await.unwrap();
    let redis = builder(&server).manager(manager).build().unwrap();
    for run in 1..=3 {
        assert_eq!(told(&redis.run().await), r#"Up, role "master", loading false"#);
        assert_eq!(runs.load(Ordering::SeqCst), run);
    }
}

#[test]
fn nonsense_is_refused_all_at_once() {
    let client = Client::open("redis://:hunter2@cache:0/").unwrap();
    let error = Redis::builder(client).needs_writes().reads_only().build().unwrap_err();
    assert_eq!(
        error.to_string(),
        "`Redis` cannot be built; 2 problems:
  `client` is for port 0; make it for the port of the server, which is 6379 by default
  `needs_writes` and `reads_only` contradict each other; leave one out"
    );
}

#[tokio::test]
async fn two_ways_to_ask_are_one_too_many() {
    let server = answering("+PONG\r\n", MASTER);
    let connection = client(&server.address()).get_multiplexed_async_connection().await.unwrap();
    let manager = ConnectionManager::new(client(&server.address())).await.unwrap();
    let error = builder(&server).connection(connection).manager(manager).build().unwrap_err();
    assert_eq!(
        error.to_string(),
        "`Redis` cannot be built; 1 problem:\n  `connection` and `manager` are both given; leave one out"
    );
}

#[tokio::test]
async fn a_debug_form_shows_neither_user_nor_password() {
    let client = || Client::open("redis://orders:hunter2@cache/").unwrap();
    assert_eq!(format!("{:?}", Redis::builder(client())), "RedisBuilder { needs_writes: false, reads_only: false, .. }");
    assert_eq!(format!("{:?}", Redis::builder(client()).build().unwrap()), "Redis { on_replica: Degraded, .. }");
}

#[tokio::test]
async fn it_is_no_check_of_liveness() {
    let redis = Redis::builder(client(NOWHERE)).build().unwrap();
    let error = Health::builder().linked_checks(false).check(Check::liveness("redis", redis)).start().unwrap_err();
    assert!(error.to_string().contains("health check `redis`") && error.to_string().contains("liveness"), "{error}");
}
