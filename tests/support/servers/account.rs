//! The user that a server runs as.

use std::fs;
use std::os::unix::fs::chown;
use std::process::Command;

use rustix::process::geteuid;

use crate::folder::Folder;

/// The account of a server that refuses to run as root: a user of Debian's package if the test runs as root, else its user.
#[derive(Debug)]
pub(super) struct Account(Option<&'static str>);

impl Account {
    /// Selects `user` if the test runs as root.
    pub(super) fn new(user: &'static str) -> Self {
        Self(geteuid().is_root().then_some(user))
    }

    /// Creates a folder that this account owns.
    pub(super) fn folder(&self) -> Folder {
        let folder = Folder::new();
        if let Some(user) = self.0 {
            let (user, group) =
                ids(user).unwrap_or_else(|| panic!("there is no user `{user}`, who comes with the server's package"));
            chown(folder.path(), Some(user), Some(group)).expect("root gives folders away");
        }
        folder
    }

    /// Returns a command that runs the program as this account, without a process in between.
    pub(super) fn command(&self, program: Command) -> Command {
        let Some(user) = self.0 else { return program };
        let mut command = Command::new("setpriv");
        command.args(["--reuid", user, "--regid", user, "--clear-groups", "--"]).arg(program.get_program());
        command
    }
}

fn ids(user: &str) -> Option<(u32, u32)> {
    let users = fs::read_to_string("/etc/passwd").expect("/etc/passwd");
    let mut fields =
        users.lines().map(|line| line.split(':')).find_map(|mut fields| (fields.next() == Some(user)).then_some(fields))?;
    Some((fields.nth(1)?.parse().ok()?, fields.next()?.parse().ok()?))
}
