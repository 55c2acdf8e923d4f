//! The service under test as a process.

use std::net::SocketAddr;
use std::process::Command;
use std::time::Duration;

use health_tests::http::{self, Response};
use health_tests::program::Program;
use health_tests::servers::free_port;
use health_tests::until;

/// Longer than any operation takes on a busy machine.
pub(crate) const LIMIT: Duration = Duration::from_mins(2);

/// A drain delay that no test waits for.
pub(crate) const LONG: Duration = Duration::from_mins(10);

/// The program `tests/programs/signalled.rs` and its address.
pub(crate) struct Service {
    pub(crate) program: Program,
    pub(crate) address: SocketAddr,
}

pub(crate) fn command(mode: &str, drain_delay: Duration) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_signalled"));
    // No other test gets the port when the program stops listening.
    command.arg(mode).env("PORT", free_port().to_string());
    command.env("DRAIN_DELAY_MS", drain_delay.as_millis().to_string());
    command
}

pub(crate) fn program(mode: &str, drain_delay: Duration) -> Program {
    Program::start(&mut command(mode, drain_delay))
}

impl Service {
    /// Starts it and waits until it is ready.
    pub(crate) fn ready(drain_delay: Duration) -> Self {
        let service = Self::listening(program("serve", drain_delay));
        service.switch("migrated", true);
        until(LIMIT, "it is ready", || (service.code("/readyz") == 200).then_some(()));
        service
    }

    /// Waits until the program listens.
    pub(crate) fn listening(mut program: Program) -> Self {
        let address = program.line(LIMIT, "it prints its address", |line| line.strip_prefix("http://")?.parse().ok());
        Self { program, address }
    }

    pub(crate) fn get(&self, path: &str) -> Response {
        http::get(self.address, path).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    pub(crate) fn code(&self, path: &str) -> u16 {
        self.get(path).status
    }

    pub(crate) fn codes<const N: usize>(&self, paths: [&str; N]) -> [u16; N] {
        paths.map(|path| self.code(path))
    }

    pub(crate) fn switch(&self, name: &str, on: bool) {
        let path = format!("/switch/{name}/{on}");
        assert_eq!(http::request(self.address, "PUT", &path, &[]).unwrap().status, 204, "{path}");
    }

    /// Waits until `/readyz` shows the drain.
    pub(crate) fn until_it_drains(&self) {
        until(LIMIT, "it drains", || self.get("/readyz").text().contains(r#""reason":"draining""#).then_some(()));
    }

    /// Ends the drain delay with a second signal.
    pub(crate) fn assert_stops(&mut self) {
        self.program.terminate();
        self.assert_ends_with(0);
    }

    /// Asserts that it exits with this code.
    pub(crate) fn assert_ends_with(&mut self, code: i32) {
        assert_eq!(self.program.wait(LIMIT).code(), Some(code), "{:#?}", self.program.errors());
    }
}
