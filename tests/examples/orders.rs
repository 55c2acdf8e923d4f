//! Drives the built example as its reader would: over HTTP, with the lines that it prints, and with another connection
//! to its database.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use health_tests::database;
use health_tests::folder::Folder;
use health_tests::http;
use health_tests::orders::{LIMIT, Orders};
use health_tests::until;

const DRAIN_DELAY: Duration = Duration::from_secs(5);

/// Returns the one line of its output that begins with `start`, without it.
fn printed(orders: &Orders, start: &str) -> String {
    let lines = orders.program.output();
    let mut found = lines.iter().filter_map(|line| line.trim().strip_prefix(start));
    let line = found.next().unwrap_or_else(|| panic!("no {start:?} in {lines:?}"));
    assert_eq!(found.next(), None, "one {start:?} in {lines:?}");
    line.to_owned()
}

const DISK: &str = r#""disk":{"status":"up","latency_ms":_,"free_gb":_}"#;
const HEARTBEAT: &str = r#""heartbeat":{"status":"up","latency_ms":_}"#;
const MIGRATION: &str = r#""migration":{"status":"up","latency_ms":_}"#;
const ORDERS: &str = r#""orders":{"status":"up","latency_ms":_}"#;
const GONE: &str = r#""orders":{"status":"down","latency_ms":_,"error":"orders table cannot be read"}"#;

fn body(status: &str, checks: &[&str]) -> String {
    let version = env!("CARGO_PKG_VERSION");
    format!(r#"{{"status":"{status}","checks":{{{}}},"version":"{version}","uptime_seconds":_}}"#, checks.join(","))
}

#[test]
fn each_endpoint_has_the_checks_of_its_kind() {
    let folder = Folder::new();
    let orders = Orders::start(&folder, &[]);
    let first = orders.get("/readyz");
    if first.status == 503 {
        assert!(first.text().starts_with(r#"{"status":"unhealthy","#), "{first:?}");
    }
    orders.readyz(200);
    for (path, checks) in [
        ("/livez", &[HEARTBEAT][..]),
        ("/readyz", &[DISK, ORDERS]),
        ("/startupz", &[MIGRATION]),
        ("/health", &[DISK, HEARTBEAT, MIGRATION, ORDERS]),
        ("/healthz", &[DISK, HEARTBEAT, MIGRATION, ORDERS]),
        ("/readyz/orders", &[ORDERS]),
    ] {
        let response = orders.get(path);
        assert_eq!((response.status, response.without_figures()), (200, body("healthy", checks)), "{path}");
    }
    assert_eq!(orders.get("/livez/orders").status, 404);
}

#[test]
fn free_gb_has_at_most_one_decimal() {
    let folder = Folder::new();
    let orders = Orders::start(&folder, &[]);
    let response = orders.get("/health/disk");
    let figure = response.text().split_once(r#""free_gb":"#).unwrap().1.split(['}', ',']).next().unwrap().to_owned();
    assert!(figure.parse::<f64>().is_ok_and(|figure| figure > 0.0), "{figure}");
    assert!(figure.split_once('.').is_none_or(|(_, decimals)| decimals.len() == 1), "{figure}");
}

/// Probes `/livez` until `stop` is set. Returns the number of 200 responses and all others.
fn watch_liveness(address: SocketAddr, stop: Arc<AtomicBool>) -> JoinHandle<(usize, Vec<String>)> {
    thread::spawn(move || {
        let (mut alive, mut other) = (0, Vec::new());
        while !stop.load(Ordering::SeqCst) {
            match http::get(address, "/livez") {
                Ok(response) if response.status == 200 => alive += 1,
                response => other.push(format!("{response:?}")),
            }
            thread::sleep(Duration::from_millis(5));
        }
        (alive, other)
    })
}

#[test]
fn a_missing_table_makes_it_unready_until_it_is_back() {
    let folder = Folder::new();
    let orders = Orders::start(&folder, &[]);
    let stop = Arc::new(AtomicBool::new(false));
    let liveness = watch_liveness(orders.address, Arc::clone(&stop));
    orders.readyz(200);

    // The printed commands: sqlite3 '<file>' '<statement>'.
    let lines: Vec<String> = orders.program.output();
    let mut commands =
        lines.iter().filter_map(|line| line.trim().strip_prefix("sqlite3 '")?.strip_suffix('\'')?.split_once("' '"));
    let ((file, gone), (_, back)) = (commands.next().unwrap(), commands.next().unwrap());
    assert_eq!(gone, "ALTER TABLE orders RENAME TO orders_gone");

    for round in 0..3 {
        database::run(file, gone);
        // Twice: first with a prepared statement, then with one that could not be prepared.
        for _ in 0..2 {
            let response = orders.get("/readyz");
            assert_eq!((response.status, response.without_figures()), (503, body("unhealthy", &[DISK, GONE])), "round {round}");
        }
        let overall = orders.get("/health");
        assert_eq!((overall.status, overall.without_figures()), (503, body("unhealthy", &[DISK, HEARTBEAT, MIGRATION, GONE])));
        assert_eq!(orders.get("/orders").status, 503);
        assert_eq!(orders.post(r#"{"item":"tea","quantity":1}"#).status, 503);
        assert_eq!(orders.get("/startupz").status, 200, "startup has passed for good");

        database::run(file, back);
        let response = orders.get("/readyz");
        assert_eq!((response.status, response.without_figures()), (200, body("healthy", &[DISK, ORDERS])), "round {round}");
        assert_eq!(orders.get("/orders").status, 200);
    }

    stop.store(true, Ordering::SeqCst);
    let (alive, other) = liveness.join().unwrap();
    assert_eq!(other, Vec::<String>::new(), "and {alive} responses of 200");
    assert!(alive > 0);
}

#[test]
fn the_printed_commands_work() {
    let folder = Folder::new();
    let orders = Orders::start(&folder, &[]);
    let url = printed(&orders, "curl -i ");
    assert_eq!(url, format!("http://{}/readyz", orders.address));
    orders.readyz(200);

    let lines = orders.program.output();
    let urls: Vec<&str> = lines.iter().filter_map(|line| line.trim().strip_prefix("http://")).collect();
    assert_eq!(urls.len(), 6, "{lines:?}");
    for url in urls.into_iter().chain([url.trim_start_matches("http://")]) {
        let (address, path) = url.split_once('/').unwrap();
        let response = http::get(address.parse().unwrap(), &format!("/{path}")).unwrap();
        assert_eq!(response.status, 200, "{url}: {response:?}");
    }
    let file = folder.path().canonicalize().unwrap().join("orders.db");
    assert!(lines[0].ends_with(file.to_str().unwrap()), "{lines:?}");
    assert!(file.exists());
}

#[test]
fn orders_are_accepted_processed_and_stored() {
    let folder = Folder::new();
    let mut orders = Orders::start(&folder, &[]);
    orders.readyz(200);
    let taken = orders.post(r#"{"item":"tea","quantity":3}"#);
    assert_eq!((taken.status, taken.text()), (201, r#"{"id":1,"item":"tea","quantity":3,"processed":false}"#));
    for (body, status) in [
        ("{", 400),
        (r#"{"item":"tea"}"#, 400),
        (r#"{"item":"tea","quantity":1,"price":1}"#, 400),
        (r#"{"item":" ","quantity":1}"#, 422),
        (r#"{"item":"tea","quantity":0}"#, 422),
        (r#"{"item":"tea","quantity":1001}"#, 422),
    ] {
        let refused = orders.post(body);
        assert_eq!(refused.status, status, "{body}");
        assert!(refused.json()["error"].is_string(), "{refused:?}");
    }
    let processed = r#"[{"id":1,"item":"tea","quantity":3,"processed":true}]"#;
    until(LIMIT, "the order is processed", || (orders.get("/orders").text() == processed).then_some(()));

    orders.program.interrupt();
    assert_eq!(orders.program.wait(LIMIT).code(), Some(0));
    let orders = Orders::start(&folder, &[]);
    orders.readyz(200);
    assert_eq!(orders.get("/orders").text(), processed, "after a restart");
}

#[test]
fn sigterm_drains_and_exits_with_0() {
    let folder = Folder::new();
    let mut orders = Orders::start(&folder, &[]);
    orders.readyz(200);

    let begin = Instant::now();
    orders.program.terminate();
    let drained = until(LIMIT, "it drains", || {
        let response = orders.get("/readyz");
        (response.status == 503).then_some(response)
    });
    let expected = body("unhealthy", &[DISK, ORDERS]).replacen("\"checks\"", "\"reason\":\"draining\",\"checks\"", 1);
    assert_eq!(drained.without_figures(), expected);
    assert_eq!(orders.get("/livez").status, 200);
    assert_eq!(orders.post(r#"{"item":"tea","quantity":1}"#).status, 201, "it serves while it drains");

    assert_eq!(orders.program.wait(LIMIT).code(), Some(0), "{:?}", orders.program.errors());
    assert!(begin.elapsed() >= DRAIN_DELAY, "{:?}", begin.elapsed());
}

#[test]
fn a_failed_start_prints_its_reason() {
    let folder = Folder::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let nowhere = folder.path().join("missing").join("orders.db");
    for (variable, value) in [("ORDERS_ADDR", address.as_str()), ("ORDERS_DB", nowhere.to_str().unwrap())] {
        let output = Orders::command(&folder).env(variable, value).output().unwrap();
        let errors = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{errors}");
        assert!(errors.contains(value), "{errors}");
    }
}
