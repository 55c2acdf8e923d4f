//! PostgreSQL and MariaDB.

use std::io::{BufRead, BufReader, Write};
use std::process::{Output, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;

use health_tests::installed;
use health_tests::servers::{Daemon, MariaDb, PASSWORD, Postgres, USER};

use super::{PATIENCE, SHORT, can_be_stopped_and_frozen, leaves_nothing};

/// Returns the output of PostgreSQL's client.
fn psql(url: &str) -> Output {
    installed::output(
        Postgres::program("psql").args(["--no-password", "-Atc", "SELECT current_user || ' of ' || current_database()", url]),
        "",
    )
}

#[test]
fn postgres_obeys_the_contract_of_a_daemon() {
    let mut postgres = Postgres::start();
    let startup = b"\0\0\0\x25\0\x03\0\0user\0orders\0database\0orders\0\0";
    can_be_stopped_and_frozen(&mut postgres, startup, |output| output.starts_with(b"R"));
    assert_eq!(String::from_utf8_lossy(&psql(&postgres.url()).stdout), "orders of orders\n");
    let refused = psql(&postgres.url_with_password("wrong"));
    let output = String::from_utf8_lossy(&refused.stderr);
    assert!(!refused.status.success() && output.contains("password authentication failed for user \"orders\""), "{output}");
    leaves_nothing(postgres);
}

/// PostgreSQL has a process for each connection.
#[test]
fn freezing_postgres_freezes_every_connection() {
    let mut postgres = Postgres::start();
    let mut command = Postgres::program("psql");
    let mut session = command.args(["-At", &postgres.url()]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut request = session.stdin.take().unwrap();
    let responses = BufReader::new(session.stdout.take().unwrap()).lines();
    let (send, responded) = mpsc::channel();
    let reader = thread::spawn(move || responses.for_each(|line| send.send(line.unwrap()).unwrap()));

    request.write_all(b"SELECT 1;\n").unwrap();
    assert_eq!(responded.recv_timeout(PATIENCE).unwrap(), "1");
    postgres.freeze();
    request.write_all(b"SELECT 2;\n").unwrap();
    assert_eq!(responded.recv_timeout(SHORT), Err(RecvTimeoutError::Timeout));
    postgres.thaw();
    assert_eq!(responded.recv_timeout(PATIENCE).unwrap(), "2");

    drop(request);
    assert!(session.wait().unwrap().success());
    reader.join().unwrap();
}

/// Returns the output of MariaDB's client.
fn mariadb_client(server: &Daemon, password: &str) -> Output {
    let mut command = installed::program("mariadb", "MariaDB", "mariadb-server");
    command.args([
        "--no-defaults",
        "-h127.0.0.1",
        &format!("-P{}", server.port()),
        &format!("-u{USER}"),
        &format!("-p{password}"),
    ]);
    installed::output(command.args(["-N", "-e", "SELECT CONCAT(CURRENT_USER(), ' of ', DATABASE())", USER]), "")
}

#[test]
fn mariadb_obeys_the_contract_of_a_daemon() {
    let mut mariadb = MariaDb::start();
    can_be_stopped_and_frozen(&mut mariadb, b"", |output| output.get(4) == Some(&10));
    assert_eq!(String::from_utf8_lossy(&mariadb_client(&mariadb, PASSWORD).stdout), "orders@127.0.0.1 of orders\n");
    let refused = mariadb_client(&mariadb, "wrong");
    let output = String::from_utf8_lossy(&refused.stderr);
    assert!(!refused.status.success() && output.contains("Access denied for user 'orders'@'127.0.0.1'"), "{output}");
    assert_eq!(mariadb.url(), format!("mysql://orders:{PASSWORD}@127.0.0.1:{}/orders", mariadb.port()));
    leaves_nothing(mariadb);
}
