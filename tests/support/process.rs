//! Signals to a process that a test started, and to those that it started itself.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Child;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use crate::until;

/// How long the system may take to carry out a signal that cannot be caught.
const PATIENCE: Duration = Duration::from_secs(30);

/// The id of a process that was not waited for yet, so that no other has it.
#[must_use]
pub fn id(child: &Child) -> Pid {
    number(&child.id().to_string()).expect("the id of a process")
}

/// Sends a signal.
pub fn signal(id: Pid, signal: Signal) {
    kill_process(id, signal).expect("a process that is not waited for yet takes a signal");
}

/// Stops a process and all that descend from it. Each stands still before its children are looked for, and so misses none and
/// buries none: no id can come to mean another process.
pub fn freeze(id: Pid) {
    signal(id, Signal::STOP);
    until(PATIENCE, "a process stops", || stands_still(id).then_some(()));
    for child in children(id) {
        freeze(child);
    }
}

/// Lets those that were frozen run again.
pub fn thaw(id: Pid) {
    from_below(id, Signal::CONT);
}

/// Kills a process and all that descend from it. The process itself is to be waited for afterwards.
pub fn kill(id: Pid) {
    freeze(id);
    from_below(id, Signal::KILL);
}

/// Returns a line of `/proc/<id>/status` after its key, of this process without an id.
#[must_use]
pub fn status(id: Option<Pid>, key: &str) -> String {
    let folder = id.map_or_else(|| PathBuf::from("/proc/self"), proc);
    let text = fs::read_to_string(folder.join("status")).expect("the status of a process");
    let value = text.lines().find_map(|line| line.strip_prefix(key)).expect("a key of the status");
    value.trim().to_owned()
}

/// Returns a number of [`status`].
#[must_use]
pub fn count(id: Option<Pid>, key: &str) -> usize {
    status(id, key).split(' ').next().unwrap_or_default().parse().expect("a number")
}

/// Returns how many threads of this process have this name.
#[must_use]
pub fn threads_named(name: &str) -> usize {
    let threads = fs::read_dir("/proc/self/task").expect("the threads of this process").flatten();
    // A thread may end while it is looked at.
    threads.filter(|thread| fs::read_to_string(thread.path().join("comm")).is_ok_and(|found| found.trim() == name)).count()
}

/// Returns how many file descriptors a process has open.
#[must_use]
pub fn descriptors(id: Pid) -> usize {
    fs::read_dir(proc(id).join("fd")).expect("the descriptors of a process").count()
}

/// Parents last, because one that runs could bury a child before its turn.
fn from_below(id: Pid, what: Signal) {
    for child in children(id) {
        from_below(child, what);
    }
    signal(id, what);
}

/// Those that live. A zombie has no children and takes no signal.
fn children(of: Pid) -> Vec<Pid> {
    let processes = fs::read_dir("/proc").expect("/proc").flatten().filter_map(|entry| number(entry.file_name().to_str()?));
    let parent = of.as_raw_nonzero().to_string();
    let is_child = |id: &Pid| fields(&proc(*id).join("stat")).is_some_and(|(state, of)| of == parent && !is_dead(state));
    processes.filter(is_child).collect()
}

/// Whether no thread of it runs.
fn stands_still(id: Pid) -> bool {
    let Ok(threads) = fs::read_dir(proc(id).join("task")) else { return true };
    threads
        .flatten()
        .all(|thread| fields(&thread.path().join("stat")).is_none_or(|(state, _)| matches!(state, 'T' | 't') || is_dead(state)))
}

fn is_dead(state: char) -> bool {
    matches!(state, 'Z' | 'X')
}

/// The state and the parent. They stand behind the name, which may hold anything.
fn fields(stat: &Path) -> Option<(char, String)> {
    let text = fs::read_to_string(stat).ok()?;
    let mut fields = text.rsplit_once(") ")?.1.split(' ');
    Some((fields.next()?.chars().next()?, fields.next()?.to_owned()))
}

fn proc(id: Pid) -> PathBuf {
    Path::new("/proc").join(id.as_raw_nonzero().to_string())
}

fn number(text: &str) -> Option<Pid> {
    text.parse().ok().and_then(Pid::from_raw)
}
