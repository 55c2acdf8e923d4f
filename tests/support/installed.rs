//! The programs of Debian's packages.

use std::env;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

/// Programs of servers may be missing on the PATH of a user.
const ALSO: [&str; 3] = ["/usr/local/sbin", "/usr/sbin", "/sbin"];

/// Returns the command of a program on the PATH or in a system folder. Panics without it.
#[must_use]
pub fn program(name: &str, product: &str, package: &str) -> Command {
    let path = env::var_os("PATH").unwrap_or_default();
    program_in(env::split_paths(&path).chain(ALSO.map(PathBuf::from)), name, product, package)
}

/// Returns the command of a program in the first folder that has it.
#[must_use]
pub fn program_in(folders: impl IntoIterator<Item = PathBuf>, name: &str, product: &str, package: &str) -> Command {
    let found = folders.into_iter().map(|folder| folder.join(name)).find(|file| file.is_file());
    Command::new(found.unwrap_or_else(|| missing(product, package)))
}

/// Fails the test with the package to install.
pub fn missing(product: &str, package: &str) -> ! {
    panic!("the real-server tests need {product}; install it with `apt-get install {package}`")
}

/// Runs a program with this input until it exits.
pub fn output(command: &mut Command, input: &str) -> Output {
    let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = child.unwrap_or_else(|error| panic!("{command:?}: {error}"));
    child.stdin.take().expect("a pipe").write_all(input.as_bytes()).expect("the program reads its input");
    child.wait_with_output().expect("a child")
}

/// Returns both outputs of a program that exits with 0.
pub fn content(command: &mut Command, input: &str) -> String {
    let output = output(command, input);
    let text = String::from_utf8([output.stdout, output.stderr].concat()).expect("outputs in UTF-8");
    assert!(output.status.success(), "{command:?}: {}: {text}", output.status);
    text
}
