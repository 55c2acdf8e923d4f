//! Whom a server runs as.

use std::fs;
use std::os::unix::fs::chown;
use std::process::Command;

use rustix::process::geteuid;

use crate::folder::Folder;

/// The account of a server that refuses to be root's: a user of Debian's package where the test is root's, else the test's own.
#[derive(Debug)]
pub(super) struct Account(Option<&'static str>);

impl Account {
    /// One who is `user` if need be.
    pub(super) fn new(user: &'static str) -> Self {
        Self(geteuid().is_root().then_some(user))
    }

    /// A new folder that is this account's.
    pub(super) fn folder(&self) -> Folder {
        let folder = Folder::new();
        if let Some(user) = self.0 {
            let (user, group) =
                ids(user).unwrap_or_else(|| panic!("there is no user `{user}`, who comes with the server's package"));
            chown(folder.path(), Some(user), Some(group)).expect("root gives folders away");
        }
        folder
    }

    /// The program, run by this account. Its process is the program's own.
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
