//! The program of a server, which can be stopped, frozen and restarted.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use super::{PATIENCE, connections, socket, talk};
use crate::folder::Folder;
use crate::program::Program;
use crate::{process, until};

/// The timeout of one request to a starting server.
const ANSWER: Duration = Duration::from_secs(1);

/// A running server. When this is dropped, it is ended with its child processes, and its folder is removed.
#[derive(Debug)]
pub struct Daemon {
    command: Command,
    port: u16,
    ready: Ready,
    end: Signal,
    program: Option<Program>,
    frozen: bool,
    folder: Folder,
}

/// How to find out that a server has started.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ready {
    /// The bytes that a client sends.
    pub(super) request: &'static [u8],
    /// Recognises the response.
    pub(super) response: fn(&[u8]) -> bool,
}

impl Daemon {
    /// Starts the program, which listens on `port` and keeps its data in `folder`, and waits until it responds. If `end` is not
    /// `SIGKILL`, the program gets time to clean up.
    pub(super) fn start(command: Command, port: u16, folder: Folder, ready: Ready, end: Signal) -> Self {
        let mut daemon = Self { command, port, ready, end, program: None, frozen: false, folder };
        daemon.begin();
        daemon
    }

    /// Returns its address.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port).into()
    }

    /// Returns its port, which a restart keeps.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Returns the number of its connections, see [`connections`].
    #[must_use]
    pub fn connections(&self) -> usize {
        connections(self.port)
    }

    /// Returns its folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Ends it and waits until its port refuses connections.
    pub fn stop(&mut self) {
        self.end();
        until(PATIENCE, "the port of a stopped server refuses", || socket::refuses(self.address()).then_some(()));
    }

    /// Stops it if it runs, starts it on the same port with the same data, and waits until it responds.
    pub fn restart(&mut self) {
        self.stop();
        self.begin();
    }

    /// Freezes it. The system still accepts connections for it, but it does not respond.
    pub fn freeze(&mut self) {
        if let Some(program) = &self.program {
            process::freeze(program.id());
            self.frozen = true;
        }
    }

    /// Continues it after a freeze.
    pub fn thaw(&mut self) {
        if let Some(program) = self.program.as_ref().filter(|_| self.frozen) {
            process::thaw(program.id());
            self.frozen = false;
        }
    }

    fn begin(&mut self) {
        let address = self.address();
        let Ready { request, response } = self.ready;
        let program = self.program.insert(Program::start(&mut self.command));
        until(PATIENCE, "a server responds", || {
            if let Some(status) = program.ended() {
                panic!("{:?} ended with {status}; {:#?}", self.command, program.output());
            }
            talk(address, request, ANSWER).ok().filter(|bytes| response(bytes)).map(drop)
        });
    }

    /// Never panics, because a panic in a drop during a panic would abort the process.
    fn end(&mut self) {
        self.thaw();
        let Some(mut program) = self.program.take() else { return };
        if program.ended().is_some() {
            return;
        }
        if self.end != Signal::KILL {
            program.signal(self.end);
            let begin = Instant::now();
            while begin.elapsed() < PATIENCE {
                if program.ended().is_some() {
                    return;
                }
                thread::sleep(Duration::from_millis(5));
            }
        }
        process::kill(program.id());
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        self.end();
    }
}
