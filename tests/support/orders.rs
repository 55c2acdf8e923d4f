//! The orders example as a process.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Command;
use std::sync::LazyLock;
use std::time::Duration;

use crate::folder::Folder;
use crate::http::{self, Connection, Response};
use crate::program::{self, Program};
use crate::until;

/// Longer than the example takes for anything on a busy machine.
pub const LIMIT: Duration = Duration::from_mins(2);

/// The running example.
#[derive(Debug)]
pub struct Orders {
    /// Its process.
    pub program: Program,
    /// The address that it listens on.
    pub address: SocketAddr,
}

impl Orders {
    /// Returns a command that starts it in this folder on a free port, with no other variable of the environment that it reads.
    pub fn command(folder: &Folder) -> Command {
        static BUILT: LazyLock<PathBuf> = LazyLock::new(|| program::build("health-examples", "orders"));
        let mut command = Command::new(&*BUILT);
        command.current_dir(folder.path()).env("ORDERS_ADDR", "127.0.0.1:0");
        for variable in ["ORDERS_DB", "DATABASE_URL", "REDIS_URL"] {
            command.env_remove(variable);
        }
        command
    }

    /// Starts it with these variables and waits until it listens.
    pub fn start(folder: &Folder, variables: &[(&str, &str)]) -> Self {
        let mut program = Program::start(Self::command(folder).envs(variables.iter().copied()));
        let address = program.line(LIMIT, "the program prints its address", |line| {
            line.trim().strip_prefix("http://")?.strip_suffix("/orders")?.parse().ok()
        });
        Self { program, address }
    }

    /// Waits until `/readyz` returns this code, and returns that response.
    pub fn readyz(&self, code: u16) -> Response {
        until(LIMIT, &format!("/readyz returns {code}"), || Some(self.get("/readyz")).filter(|response| response.status == code))
    }

    /// Sends a `GET`.
    pub fn get(&self, path: &str) -> Response {
        http::get(self.address, path).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// Posts an order.
    pub fn post(&self, body: &str) -> Response {
        let mut connection = Connection::open(self.address).unwrap();
        let head = "POST /orders HTTP/1.1\r\nHost: test\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length";
        connection.send(format!("{head}: {}\r\n\r\n{body}", body.len()).as_bytes()).unwrap();
        connection.response().unwrap()
    }
}
