//! Redis.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

use rustix::process::Signal;

use super::daemon::Ready;
use super::{Daemon, PASSWORD, PATIENCE, free_port};
use crate::folder::Folder;
use crate::{installed, until};

const CONFIG: &str = "redis.conf";

/// Enough keys to load for minutes with [`SLOW`].
const KEYS: usize = 50_000;

/// A few milliseconds for a key, and events processed after every few keys.
const SLOW: &str = "key-load-delay 5000\nloading-process-events-interval-bytes 1024\n";

/// A Redis with a password.
#[derive(Debug)]
pub struct Redis(pub(super) Daemon);

impl Redis {
    /// Starts an empty one.
    #[must_use]
    pub fn start() -> Self {
        Self::with("")
    }

    /// Starts a read-only replica of `primary` and waits until it is in sync.
    #[must_use]
    pub fn replica_of(primary: &Redis) -> Self {
        let replica = Self::with(&format!("replicaof 127.0.0.1 {}\nmasterauth {PASSWORD}\n", primary.port()));
        until(PATIENCE, "the replica has its data", || {
            replica.command(&["INFO", "replication"]).contains("master_link_status:up").then_some(())
        });
        replica
    }

    /// Starts one that loads much data and responds `LOADING` to nearly everything until [`loaded`](Self::loaded) is called, or for
    /// minutes.
    #[must_use]
    pub fn loading() -> Self {
        let mut redis = Self::start();
        redis.command(&["EVAL", &format!("for i = 1, {KEYS} do redis.call('SET', 'order:' .. i, i) end"), "0"]);
        assert_eq!(redis.command(&["SAVE"]), "+OK");
        let config = redis.folder().join(CONFIG);
        let text = fs::read_to_string(&config).expect("the configuration") + SLOW;
        fs::write(config, text).expect("a file in the folder");
        redis.restart();
        redis
    }

    /// Lets it finish loading.
    pub fn loaded(&self) {
        assert_eq!(self.command(&["CONFIG", "SET", "key-load-delay", "0"]), "+OK");
        until(PATIENCE, "Redis has loaded its data", || (self.command(&["PING"]) == "+PONG").then_some(()));
    }

    /// Returns its URL with the password.
    #[must_use]
    pub fn url(&self) -> String {
        self.url_with_password(PASSWORD)
    }

    /// Returns its URL with another password.
    #[must_use]
    pub fn url_with_password(&self, password: &str) -> String {
        format!("redis://:{password}@{}/", self.address())
    }

    /// Sends a command on a new connection with the right password and returns the response: a line with its sign, or a text.
    pub fn command(&self, arguments: &[&str]) -> String {
        let mut stream = TcpStream::connect(self.address()).expect("a connection to Redis");
        stream.set_read_timeout(Some(PATIENCE)).expect("a limit");
        stream.write_all(&[encode(&["AUTH", PASSWORD]), encode(arguments)].concat()).expect("Redis reads");
        let mut responses = BufReader::new(stream);
        assert_eq!(read(&mut responses), "+OK", "the response to AUTH");
        read(&mut responses)
    }

    /// Starts an empty one with these lines in its configuration.
    #[must_use]
    pub fn with(more: &str) -> Self {
        let folder = Folder::new();
        let port = free_port();
        let file = folder.path().join(CONFIG);
        let text = format!(
            "bind 127.0.0.1\nport {port}\ndir {}\nrequirepass {PASSWORD}\nsave \"\"\nrepl-diskless-sync-delay 0\n{more}",
            folder.path().display()
        );
        fs::write(&file, text).expect("a file in the folder");
        let mut command = installed::program("redis-server", "Redis", "redis-server");
        command.arg(file);
        // The error about a missing password is a response too.
        let ready = Ready { request: b"PING\r\n", response: |bytes| bytes.starts_with(b"-NOAUTH") };
        Self(Daemon::start(command, port, folder, ready, Signal::KILL))
    }
}

fn encode(arguments: &[&str]) -> Vec<u8> {
    let arguments = arguments.iter().map(|argument| format!("${}\r\n{argument}\r\n", argument.len()));
    format!("*{}\r\n{}", arguments.len(), arguments.collect::<String>()).into_bytes()
}

fn read(responses: &mut impl BufRead) -> String {
    let mut line = String::new();
    responses.read_line(&mut line).expect("a response of Redis");
    let line = line.trim_end();
    // `$-1` is a missing value.
    let Some(length) = line.strip_prefix('$').and_then(|length| length.parse().ok()) else { return line.to_owned() };
    let mut text = String::new();
    responses.take(length).read_to_string(&mut text).expect("a text");
    text
}
