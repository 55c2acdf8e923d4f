//! The resources of the service, observed from outside.

use std::fmt;
use std::net::SocketAddr;

use health_tests::client::Client;
use health_tests::process;
use rustix::process::Pid;

/// The resources at one moment, or their maxima over several.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Figures {
    /// Resident memory.
    pub(crate) kilobytes: usize,
    pub(crate) threads: usize,
    pub(crate) descriptors: usize,
    /// Tasks of the check runtime. tokio does not count local tasks, such as those of actix-web, of which each
    /// serves a connection.
    pub(crate) tasks: usize,
}

impl Figures {
    pub(crate) fn most(several: &[Self]) -> Self {
        several.iter().fold(Self::default(), |most, one| Self {
            kilobytes: most.kilobytes.max(one.kilobytes),
            threads: most.threads.max(one.threads),
            descriptors: most.descriptors.max(one.descriptors),
            tasks: most.tasks.max(one.tasks),
        })
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kilobytes, threads, descriptors, tasks } = self;
        write!(f, "{kilobytes} kB, {threads} threads, {descriptors} descriptors, {tasks} tasks")
    }
}

/// Reads the resources of the service.
pub(crate) struct Watch {
    process: Pid,
    client: Client,
}

impl Watch {
    pub(crate) fn new(process: Pid, address: SocketAddr) -> Self {
        Self { process, client: Client::new(address) }
    }

    pub(crate) fn look(&mut self) -> Figures {
        let tasks = self.client.get("/tasks").unwrap().text().parse().unwrap();
        Figures {
            kilobytes: process::count(Some(self.process), "VmRSS:"),
            threads: process::count(Some(self.process), "Threads:"),
            descriptors: process::descriptors(self.process),
            tasks,
        }
    }
}
