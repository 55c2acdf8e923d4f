//! A server's program, which can be stopped, frozen and started again.

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

/// How long one question to a server that starts may take.
const ANSWER: Duration = Duration::from_secs(1);

/// A running server. With all that it started itself it ends when this is dropped, and its folder is gone.
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

/// How a server shows that it has started.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ready {
    /// What a client says first.
    pub(super) ask: &'static [u8],
    /// What the server then answers.
    pub(super) answer: fn(&[u8]) -> bool,
}

impl Daemon {
    /// Starts the program, which listens on `port` and keeps its data in `folder`, and waits until it answers. Where `end` is not
    /// `SIGKILL`, the program gets some time to leave nothing behind.
    pub(super) fn start(command: Command, port: u16, folder: Folder, ready: Ready, end: Signal) -> Self {
        let mut daemon = Self { command, port, ready, end, program: None, frozen: false, folder };
        daemon.begin();
        daemon
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port).into()
    }

    /// The port that it listens on, also after a restart.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// How many connections it has: see [`connections`].
    #[must_use]
    pub fn connections(&self) -> usize {
        connections(self.port)
    }

    /// Its folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Ends it. From then on its port refuses.
    pub fn stop(&mut self) {
        self.end();
        until(PATIENCE, "the port of a stopped server refuses", || socket::refuses(self.address()).then_some(()));
    }

    /// Starts it on the same port and with the same data, after it was stopped where it still runs, and waits until it answers.
    pub fn restart(&mut self) {
        self.stop();
        self.begin();
    }

    /// Stops it in the middle of what it does. The system still accepts connections for it, and nothing answers.
    pub fn freeze(&mut self) {
        if let Some(program) = &self.program {
            process::freeze(program.id());
            self.frozen = true;
        }
    }

    /// Lets it go on.
    pub fn thaw(&mut self) {
        if let Some(program) = self.program.as_ref().filter(|_| self.frozen) {
            process::thaw(program.id());
            self.frozen = false;
        }
    }

    fn begin(&mut self) {
        let address = self.address();
        let Ready { ask, answer } = self.ready;
        let program = self.program.insert(Program::start(&mut self.command));
        until(PATIENCE, "a server answers", || {
            if let Some(status) = program.ended() {
                panic!("{:?} ended with {status}; {:#?}", self.command, program.output());
            }
            talk(address, ask, ANSWER).ok().filter(|said| answer(said)).map(drop)
        });
    }

    /// Panics for nothing that a server may do, because a drop while panicking would end the whole test run.
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
