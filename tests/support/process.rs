//! Signals to a process that a test started, and to those that it started itself.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Child;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use crate::until;

/// Longer than the system takes to deliver a signal that cannot be caught.
const PATIENCE: Duration = Duration::from_mins(2);

/// Returns the id of a process that was not waited for yet, so that it cannot be reused.
#[must_use]
pub fn id(child: &Child) -> Pid {
    number(&child.id().to_string()).expect("the id of a process")
}

/// Sends a signal.
pub fn signal(id: Pid, signal: Signal) {
    kill_process(id, signal).expect("a process that is not waited for yet takes a signal");
}

/// Stops a process and its descendants. Each is stopped before its children are searched, so that none is missed and no id is
/// reused.
pub fn freeze(id: Pid) {
    signal(id, Signal::STOP);
    until(PATIENCE, "a process stops", || stands_still(id).then_some(()));
    for child in children(id) {
        freeze(child);
    }
}

/// Continues a frozen process and its descendants.
pub fn thaw(id: Pid) {
    from_below(id, Signal::CONT);
}

/// Kills a process and its descendants. The caller waits for the process afterwards.
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

/// Sends a signal to the descendants first, because a running parent could reap a child before.
fn from_below(id: Pid, what: Signal) {
    for child in children(id) {
        from_below(child, what);
    }
    signal(id, what);
}

/// Returns the living children. A zombie has no children and takes no signal.
fn children(parent_id: Pid) -> Vec<Pid> {
    let processes = fs::read_dir("/proc").expect("/proc").flatten().filter_map(|entry| number(entry.file_name().to_str()?));
    let parent = parent_id.as_raw_nonzero().to_string();
    let is_child =
        |id: &Pid| fields(&proc(*id).join("stat")).is_some_and(|(state, parent_id)| parent_id == parent && !is_dead(state));
    processes.filter(is_child).collect()
}

/// Returns whether all threads are stopped.
fn stands_still(id: Pid) -> bool {
    let Ok(threads) = fs::read_dir(proc(id).join("task")) else { return true };
    threads
        .flatten()
        .all(|thread| fields(&thread.path().join("stat")).is_none_or(|(state, _)| matches!(state, 'T' | 't') || is_dead(state)))
}

fn is_dead(state: char) -> bool {
    matches!(state, 'Z' | 'X')
}

/// Returns the state and the parent. They follow the name, which may contain any character.
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
