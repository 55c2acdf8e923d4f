//! The file of a `SQLite` database.

use std::fmt::Debug;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::checks::shared::spawn_blocking_thread;

/// What identifies a file: its device and its number.
type Identity = (u64, u64);

pub(super) struct DatabaseFile {
    path: Option<Arc<Path>>,
    /// The file of the first query.
    first: Mutex<Option<Identity>>,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum FileState {
    /// The file of the first query, or unknown.
    Same,
    Missing,
    Replaced,
}

impl DatabaseFile {
    /// Finds the file in the options of a connection, if they have one.
    pub(super) fn of(database: &str, options: &impl Debug) -> Self {
        let path = if database == "SQLite" && cfg!(unix) { file_name(&format!("{options:?}")) } else { None };
        // The program may change its directory after the first query.
        let path = path.and_then(|path| std::path::absolute(path).ok());
        Self { path: path.map(Into::into), first: Mutex::default() }
    }

    /// Compares the file with that of the first query. A path that never led to a file is not that of the database: it has no
    /// file, or the program had another directory when it connected.
    pub(super) async fn state(&self) -> FileState {
        let Some(path) = self.path.clone() else { return FileState::Same };
        let read = spawn_blocking_thread("health:sqlite", move || Ok(fs::metadata(path).map(|file| identity(&file))));
        let Ok(read) = read else { return FileState::Same };
        let found = read.await.and_then(|found| found);
        let mut first = self.first();
        match (found, *first) {
            (Ok(found), None) => {
                *first = Some(found);
                FileState::Same
            }
            (Ok(found), Some(first)) if found != first => FileState::Replaced,
            (Err(error), Some(_)) if error.kind() == ErrorKind::NotFound => FileState::Missing,
            _ => FileState::Same,
        }
    }

    /// Makes the next query the first.
    pub(super) fn forget(&self) {
        *self.first() = None;
    }

    fn first(&self) -> MutexGuard<'_, Option<Identity>> {
        self.first.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(unix)]
fn identity(file: &fs::Metadata) -> Identity {
    use std::os::unix::fs::MetadataExt;

    (file.dev(), file.ino())
}

#[cfg(not(unix))]
fn identity(_file: &fs::Metadata) -> Identity {
    (0, 0)
}

/// Finds the name of the file in the debug output of `SqliteConnectOptions`. Its accessor exists only with a feature of sqlx that
/// this crate does not switch on, and the URL of other names than an absolute path may panic. A name with escapes is not found.
fn file_name(options: &str) -> Option<PathBuf> {
    let (name, _) = options.strip_prefix("SqliteConnectOptions { filename: \"")?.split_once('"')?;
    (!name.contains('\\')).then(|| name.into())
}

#[cfg(test)]
mod tests {
    use std::str::FromStr;

    use sqlx::sqlite::SqliteConnectOptions;

    use super::*;

    #[test]
    fn the_options_of_sqlite_have_a_file_name() {
        for (url, expected) in [
            ("sqlite:orders.db", Some("orders.db")),
            ("sqlite:///var/lib/my%20orders.db?mode=ro", Some("/var/lib/my orders.db")),
            ("sqlite:///quo%22te.db", None),
        ] {
            let options = SqliteConnectOptions::from_str(url).unwrap();
            assert_eq!(file_name(&format!("{options:?}")), expected.map(PathBuf::from), "{url}");
        }
        assert_eq!(file_name("PgConnectOptions { host: \"x\" }"), None);
    }
}
