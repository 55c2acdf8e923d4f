//! Redis and memcached.

use health_tests::servers::{Memcached, PASSWORD, Redis, USER, talk};
use health_tests::until;

use super::{PATIENCE, can_be_stopped_and_frozen, leaves_nothing};

#[test]
fn redis_obeys_the_contract_of_a_daemon() {
    let mut redis = Redis::start();
    let authenticate = format!("AUTH {PASSWORD}\r\n");
    can_be_stopped_and_frozen(&mut redis, authenticate.as_bytes(), |bytes| bytes == b"+OK\r\n");
    assert_eq!(
        talk(redis.address(), b"AUTH wrong\r\n", PATIENCE).unwrap(),
        *b"-WRONGPASS invalid username-password pair or user is disabled.\r\n"
    );
    assert_eq!(redis.url(), format!("redis://:{PASSWORD}@127.0.0.1:{}/", redis.port()));
    assert_eq!(redis.command(&["PING"]), "+PONG");
    leaves_nothing(redis);
}

#[test]
fn a_redis_replica_follows_and_rejects_writes() {
    let primary = Redis::start();
    let replica = Redis::replica_of(&primary);
    assert_eq!(primary.command(&["SET", "order", "17"]), "+OK");
    until(PATIENCE, "the write arrives", || (replica.command(&["GET", "order"]) == "17").then_some(()));
    assert!(replica.command(&["ROLE"]).starts_with('*'));
    assert!(replica.command(&["INFO", "replication"]).contains("role:slave"));
    assert_eq!(replica.command(&["SET", "order", "18"]), "-READONLY You can't write against a read only replica.");
}

#[test]
fn redis_loads_until_it_is_released() {
    let redis = Redis::loading();
    for _ in 0..10 {
        assert_eq!(redis.command(&["PING"]), "-LOADING Redis is loading the dataset in memory");
    }
    redis.loaded();
    assert_eq!(redis.command(&["GET", "order:50000"]), "50000");
}

#[test]
fn memcached_obeys_the_contract_of_a_daemon() {
    let mut memcached = Memcached::start();
    can_be_stopped_and_frozen(&mut memcached, b"version\r\n", |bytes| bytes.starts_with(b"VERSION 1."));
    leaves_nothing(memcached);
}

#[test]
fn memcached_accepts_only_its_password() {
    let mut memcached = Memcached::with_password();
    let credentials = format!("{USER} {PASSWORD}");
    let request = format!("set x 0 0 {}\r\n{credentials}\r\n", credentials.len());
    can_be_stopped_and_frozen(&mut memcached, request.as_bytes(), |bytes| bytes == b"STORED\r\n");
    assert_eq!(talk(memcached.address(), b"version\r\n", PATIENCE).unwrap(), *b"CLIENT_ERROR unauthenticated\r\n");
}
