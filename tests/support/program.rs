//! A program of this workspace as a child process.

use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal};
use serde_json::Value;

use crate::{process, until, workspace};

/// A running program and its output so far. It is killed when this is dropped.
#[derive(Debug)]
pub struct Program {
    child: Child,
    out: Arc<Mutex<Vec<String>>>,
    err: Arc<Mutex<Vec<String>>>,
}

impl Program {
    /// Starts it.
    pub fn start(command: &mut Command) -> Self {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let out = lines(child.stdout.take().expect("a pipe"));
        let err = lines(child.stderr.take().expect("a pipe"));
        Self { child, out, err }
    }

    /// Waits for a line of its output from which `parse` returns something.
    pub fn line<T>(&mut self, limit: Duration, what: &str, parse: impl Fn(&str) -> Option<T>) -> T {
        until(limit, what, || {
            let found = self.out.lock().unwrap().iter().find_map(|line| parse(line));
            if found.is_none()
                && let Some(status) = self.ended()
            {
                panic!("{what}: ended with {status}; {:#?}", self.err.lock().unwrap());
            }
            found
        })
    }

    /// Returns the lines of its standard output so far.
    #[must_use]
    pub fn output(&self) -> Vec<String> {
        self.out.lock().unwrap().clone()
    }

    /// Returns the lines of its standard error so far.
    #[must_use]
    pub fn errors(&self) -> Vec<String> {
        self.err.lock().unwrap().clone()
    }

    /// Sends `SIGTERM`.
    pub fn terminate(&self) {
        self.signal(Signal::TERM);
    }

    /// Sends `SIGINT`, as Ctrl-C does.
    pub fn interrupt(&self) {
        self.signal(Signal::INT);
    }

    /// Sends any signal.
    pub fn signal(&self, signal: Signal) {
        process::signal(self.id(), signal);
    }

    /// Returns its process id.
    #[must_use]
    pub fn id(&self) -> Pid {
        process::id(&self.child)
    }

    /// Returns its exit status, if it has exited.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().expect("a child")
    }

    /// Waits until it exits.
    pub fn wait(&mut self, limit: Duration) -> ExitStatus {
        until(limit, "the program ends", || self.ended())
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _killed = self.child.kill();
        let _reaped = self.child.wait();
        if thread::panicking() {
            eprintln!("the program wrote {:#?}", self.errors());
        }
    }
}

fn lines(from: impl Read + Send + 'static) -> Arc<Mutex<Vec<String>>> {
    let lines = Arc::<Mutex<Vec<String>>>::default();
    let sink = Arc::clone(&lines);
    thread::spawn(move || {
        for line in BufReader::new(from).lines().map_while(Result::ok) {
            sink.lock().unwrap().push(line);
        }
    });
    lines
}

/// Builds a binary of another package of this workspace into the target folder of the running test, and returns its path.
/// Cargo sets `CARGO_BIN_EXE_…` only for tests of the same package.
#[must_use]
pub fn build(package: &str, binary: &str) -> PathBuf {
    let output = Command::new(env!("CARGO"))
        .args([
            "build",
            "--locked",
            "--package",
            package,
            "--bin",
            binary,
            "--message-format",
            "json-render-diagnostics",
            "--target-dir",
        ])
        .arg(workspace::target())
        .current_dir(workspace::root())
        .stderr(Stdio::inherit())
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "`{binary}` cannot be built");
    String::from_utf8(output.stdout)
        .expect("JSON in UTF-8")
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .find_map(|message| {
            let is_binary = message["target"]["name"] == binary;
            message["executable"].as_str().filter(|_| is_binary).map(PathBuf::from)
        })
        .unwrap_or_else(|| panic!("cargo names no program `{binary}`"))
}
