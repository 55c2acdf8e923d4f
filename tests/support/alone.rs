//! A test that runs again in a child process, where it may change what a process or a machine shares.

use std::ffi::OsStr;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;

const MARK: &str = "HEALTH_TESTS_ALONE";

/// Returns the name of the test function that this is in, as the test binary lists it.
#[macro_export]
macro_rules! test_name {
    () => {{
        fn here() {}
        $crate::alone::test_name(::std::any::type_name_of_val(&here))
    }};
}

/// Returns the name of a test from the path of an item in it: `binary::module::test::{{closure}}::here`.
#[must_use]
pub fn test_name(path: &str) -> &str {
    let (_, path) = path.split_once("::").expect("a path in a test binary");
    path.trim_end_matches("::here").trim_end_matches("::{{closure}}")
}

/// Returns whether this is the child process. Otherwise runs the test of this name in one and asserts that it passes.
#[must_use]
pub fn in_process(test: &str) -> bool {
    let this = std::env::current_exe().expect("the program of this test");
    again(Command::new(this), test)
}

/// Does the same in a child process with these environment variables.
#[must_use]
pub fn with_variables(test: &str, variables: &[(&str, &str)]) -> bool {
    let this = std::env::current_exe().expect("the program of this test");
    let mut command = Command::new(this);
    command.envs(variables.iter().copied());
    again(command, test)
}

/// Does the same in a child process with separate mounts, as root among them.
#[must_use]
pub fn among_mounts(test: &str) -> bool {
    let this = std::env::current_exe().expect("the program of this test");
    let mut command = Command::new("unshare");
    command.args(["--user", "--map-root-user", "--mount", "--"]).arg(this);
    again(command, test)
}

fn again(mut command: Command, test: &str) -> bool {
    if std::env::var_os(MARK).is_some() {
        return true;
    }
    command.args([test, "--exact", "--nocapture", "--test-threads=1"]).env(MARK, "1");
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}; install it (Debian: util-linux)"));
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(
        !err.starts_with("unshare: "),
        "this machine gives no mount namespace to its users; allow it, for the tests of file systems: {err}"
    );
    // A run without a test of this name would succeed too.
    assert!(output.status.success() && out.contains("test result: ok. 1 passed"), "{}\n{out}\n{err}", output.status);
    false
}

/// A mounted file system. It is unmounted when this is dropped.
#[derive(Debug)]
pub struct Mount(PathBuf);

impl Mount {
    /// Mounts with these arguments of `mount`, followed by the path.
    #[must_use]
    pub fn new<A: AsRef<OsStr>>(args: &[A], at: &Path) -> Self {
        run(Command::new("mount").args(args).arg(at));
        Self(at.to_owned())
    }

    /// Mounts a FUSE file system whose program reads requests from this device.
    #[must_use]
    pub fn of_program(device: File, at: &Path) -> Self {
        let options = "fd=0,rootmode=40000,user_id=0,group_id=0";
        run(Command::new("mount").args(["-i", "-t", "fuse", "-o", options, "none"]).arg(at).stdin(device));
        Self(at.to_owned())
    }

    /// Changes its options.
    pub fn remount(&self, options: &str) {
        run(Command::new("mount").args(["-o", &format!("remount,{options}"), "none"]).arg(&self.0));
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        // Lazy, because a call may still be in progress there.
        run(Command::new("umount").arg("--lazy").arg(&self.0));
    }
}

fn run(command: &mut Command) {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}; install it (Debian: mount)"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}
