//! A real HAProxy in front of two instances of an example.

mod load;
mod proxy;

use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Command;
use std::sync::LazyLock;
use std::time::Duration;

use health_tests::folder::Folder;
use health_tests::http;
use health_tests::program::{self, Program};
use health_tests::servers::{Postgres, free_port};
use health_tests::until;

use self::load::Load;
use self::proxy::{FALL, HaProxy, INTER};

const PATIENCE: Duration = Duration::from_mins(2);
/// The drain delay of the example.
const DRAIN_DELAY: Duration = Duration::from_secs(5);

static ORDERS: LazyLock<PathBuf> = LazyLock::new(|| program::build("health-examples", "orders"));
static AXUM: LazyLock<PathBuf> = LazyLock::new(|| program::build("health-examples", "axum"));
static BEHIND_A_PROXY: LazyLock<PathBuf> = LazyLock::new(|| program::build("health-examples", "behind_a_proxy"));

/// One instance of a program, which can be restarted on the same address.
struct Instance {
    command: Command,
    address: SocketAddr,
    running: Option<Program>,
    _folder: Folder,
}

impl Instance {
    fn new(program: &PathBuf, variables: &[(&str, &str)]) -> Self {
        let (folder, address) = (Folder::new(), SocketAddr::from(([127, 0, 0, 1], free_port())));
        // The check of the example `axum` reads it.
        fs::write(folder.path().join("prices.csv"), "apple,3\n").unwrap();
        let mut command = Command::new(program);
        command.current_dir(folder.path()).envs(["ADDR", "ORDERS_ADDR"].map(|name| (name, address.to_string())));
        command.env_remove("ORDERS_DB");
        command.env_remove("DATABASE_URL").env_remove("REDIS_URL").envs(variables.iter().copied());
        let mut instance = Self { command, address, running: None, _folder: folder };
        instance.start();
        instance
    }

    fn start(&mut self) {
        self.running = Some(Program::start(&mut self.command));
        until(PATIENCE, "an instance is ready", || {
            http::get(self.address, "/readyz").ok().filter(|response| response.status == 200).map(drop)
        });
    }

    fn terminate(&self) {
        self.running.as_ref().unwrap().terminate();
    }

    /// Waits until it has exited.
    fn ended(&mut self) {
        let status = self.running.take().unwrap().wait(PATIENCE);
        assert_eq!(status.code(), Some(0));
    }
}

#[test]
fn a_rolling_restart_of_both_instances_loses_no_request() {
    restart_both(&ORDERS);
}

#[test]
fn a5_a_rolling_restart_of_both_instances_on_axum_loses_no_request() {
    restart_both(&AXUM);
}

fn restart_both(program: &PathBuf) {
    assert!(DRAIN_DELAY > INTER * FALL * 2, "or an instance could be gone before HAProxy knows");
    let (mut one, mut two) = (Instance::new(program, &[]), Instance::new(program, &[]));
    let proxy = HaProxy::start(&[("one", one.address), ("two", two.address)], "");
    proxy.wait_until("one", "UP");
    proxy.wait_until("two", "UP");

    let load = Load::start(proxy.address(), "/orders", 8);
    for (name, instance) in [("one", &mut one), ("two", &mut two)] {
        instance.terminate();
        proxy.wait_until(name, "DOWN");
        instance.ended();
        instance.start();
        proxy.wait_until(name, "UP");
    }
    until(PATIENCE * 5, "at least 50,000 requests", || (load.served() >= 50_000).then_some(()));
    assert_eq!(load.stop(), Vec::<String>::new());
}

#[test]
fn an_instance_leaves_and_rejoins_with_its_database() {
    let mut database = Postgres::start();
    let with_postgres = Instance::new(&ORDERS, &[("DATABASE_URL", &database.url())]);
    let with_sqlite = Instance::new(&ORDERS, &[]);
    let proxy = HaProxy::start(&[("postgres", with_postgres.address), ("sqlite", with_sqlite.address)], "");
    proxy.wait_until("postgres", "UP");
    proxy.wait_until("sqlite", "UP");

    database.stop();
    proxy.wait_until("postgres", "DOWN");
    assert_eq!(http::get(with_postgres.address, "/livez").unwrap().status, 200, "and it is not restarted");
    for _ in 0..10 {
        assert_eq!(http::get(proxy.address(), "/orders").unwrap().status, 200, "the other one serves");
    }
    database.restart();
    proxy.wait_until("postgres", "UP");
    assert_eq!(proxy.state("sqlite"), "UP");
}

#[test]
fn a_drain_code_of_404_sends_new_clients_elsewhere() {
    let (mut one, two) = (Instance::new(&BEHIND_A_PROXY, &[]), Instance::new(&BEHIND_A_PROXY, &[]));
    let proxy = HaProxy::start(&[("one", one.address), ("two", two.address)], "http-check disable-on-404");
    proxy.wait_until("one", "UP");
    proxy.wait_until("two", "UP");
    one.terminate();
    proxy.wait_until("one", "NOLB");
    assert_eq!(proxy.state("two"), "UP");
    one.ended();
    proxy.wait_until("one", "DOWN");
}
