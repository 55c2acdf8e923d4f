//! MariaDB.

use std::fs;

use rustix::process::Signal;

use super::account::Account;
use super::daemon::Ready;
use super::{Daemon, PASSWORD, USER, free_port};
use crate::installed;

/// A MariaDB with a database and its owner, both called [`USER`], with [`PASSWORD`].
#[derive(Debug)]
pub struct MariaDb(pub(super) Daemon);

impl MariaDb {
    /// Starts an empty one.
    #[must_use]
    pub fn start() -> Self {
        let account = Account::new("mysql");
        let folder = account.folder();
        // These come first, in this order, for both programs. Without the last one it would write a log of 100 MB.
        let program = |name| {
            let mut command = account.command(installed::program(name, "MariaDB", "mariadb-server"));
            command.current_dir(folder.path()).args(["--no-defaults", "--skip-name-resolve", "--innodb-log-file-size=4M"]);
            command.arg("--innodb-flush-log-at-trx-commit=0").arg(format!("--datadir={}", folder.path().join("data").display()));
            command
        };

        let statements = folder.path().join("orders.sql");
        // The first line activates the grant tables, without which users cannot be created.
        let text = format!(
            "FLUSH PRIVILEGES;\nCREATE DATABASE {USER};\nCREATE USER {USER}@'127.0.0.1' IDENTIFIED BY '{PASSWORD}';\n\
             GRANT ALL ON {USER}.* TO {USER}@'127.0.0.1';\n"
        );
        fs::write(&statements, text).expect("a file in the folder");
        let mut install = program("mariadb-install-db");
        install.arg("--skip-test-db").arg(format!("--extra-file={}", statements.display()));
        installed::content(&mut install, "");

        let port = free_port();
        let mut server = program("mariadbd");
        server.args(["--skip-networking=0", "--bind-address=127.0.0.1"]).arg(format!("--port={port}"));
        for (option, name) in [("socket", "socket"), ("pid-file", "pid"), ("tmpdir", "")] {
            server.arg(format!("--{option}={}", folder.path().join(name).display()));
        }
        // It sends a greeting first, with protocol 10 or an error.
        let ready = Ready { request: b"", response: |bytes| bytes.get(4) == Some(&10) };
        Self(Daemon::start(server, port, folder, ready, Signal::KILL))
    }

    /// Returns its URL with the user, the password and the database.
    #[must_use]
    pub fn url(&self) -> String {
        self.url_with_password(PASSWORD)
    }

    /// Returns its URL with another password.
    #[must_use]
    pub fn url_with_password(&self, password: &str) -> String {
        format!("mysql://{USER}:{password}@{}/{USER}", self.address())
    }
}
