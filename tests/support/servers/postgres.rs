//! PostgreSQL.

use std::cmp::Reverse;
use std::fs;
use std::process::Command;

use rustix::process::Signal;

use super::account::Account;
use super::daemon::Ready;
use super::{Daemon, PASSWORD, USER, free_port};
use crate::installed;

/// Where Debian keeps a folder for each version.
const VERSIONS: &str = "/usr/lib/postgresql";

/// The message that opens a connection: its length, the protocol 3.0, [`USER`] and a database of that name.
const STARTUP: &[u8] = b"\0\0\0\x25\0\x03\0\0user\0orders\0database\0orders\0\0";

/// A PostgreSQL with a database and its owner, both called [`USER`], not a superuser, with [`PASSWORD`] (SCRAM).
#[derive(Debug)]
pub struct Postgres(pub(super) Daemon);

impl Postgres {
    /// Starts an empty one.
    #[must_use]
    pub fn start() -> Self {
        let account = Account::new("postgres");
        let folder = account.folder();
        let data = folder.path().join("data");
        let program = |name| {
            let mut command = account.command(Self::program(name));
            command.current_dir(folder.path());
            command
        };

        let mut initdb = program("initdb");
        initdb.args(["--username", "postgres", "--auth", "trust", "--no-locale", "--encoding", "UTF8", "--no-sync", "--pgdata"]);
        installed::content(initdb.arg(&data), "");
        fs::write(data.join("pg_hba.conf"), "host all all 127.0.0.1/32 scram-sha-256\n").expect("a file in the folder");

        let mut single = program("postgres");
        single.args(["--single", "-c", "fsync=off", "-D"]).arg(&data).arg("postgres");
        let statements = format!("CREATE ROLE {USER} LOGIN PASSWORD '{PASSWORD}'\nCREATE DATABASE {USER} OWNER {USER}\n");
        let output = installed::content(&mut single, &statements);
        assert!(!output.contains("ERROR"), "{output}");

        let port = free_port();
        let mut server = program("postgres");
        for setting in ["listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off"] {
            server.args(["-c", setting]);
        }
        server.args(["-p", &port.to_string(), "-D"]).arg(data);
        // While it recovers it responds with an error.
        let ready = Ready { request: STARTUP, response: |output| output.starts_with(b"R") };
        // The fast shutdown: a kill would leave shared memory behind.
        Self(Daemon::start(server, port, folder, ready, Signal::INT))
    }

    /// Returns its URL with the user, the password and the database.
    #[must_use]
    pub fn url(&self) -> String {
        self.url_with_password(PASSWORD)
    }

    /// Returns its URL with another password.
    #[must_use]
    pub fn url_with_password(&self, password: &str) -> String {
        format!("postgres://{USER}:{password}@{}/{USER}", self.address())
    }

    /// Returns one of its programs, of the newest version that has it: client and server may have different versions.
    #[must_use]
    pub fn program(name: &str) -> Command {
        let mut versions: Vec<_> = fs::read_dir(VERSIONS).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
        versions.sort_by_key(|folder| Reverse(folder.file_name().and_then(|name| name.to_str()?.parse::<u32>().ok())));
        let folders = versions.into_iter().map(|folder| folder.join("bin"));
        installed::program_in(folders, name, "PostgreSQL", "postgresql")
    }
}
