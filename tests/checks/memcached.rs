//! The check of a memcached against a real one.

use health_runtime::checks::Memcached as Check;
use health_tests::alone;
use health_tests::log::Log;
use health_tests::servers::{Counting, Daemon, Memcached, PASSWORD, USER, talk};
use health_tests::test_name;
use tracing::Level;
use tracing_subscriber::fmt::format::FmtSpan;

use crate::probed::{PATIENT, Watched, assert_secret, down, freeze, up};

const WRONG: &str = "wr0ng-one";

fn check(server: &Daemon) -> Check {
    Check::builder(server.address().to_string()).build().unwrap()
}

/// What the entry of a server that is up says, by the server's own word.
fn version(server: &Daemon) -> (u16, String) {
    let answer = String::from_utf8(talk(server.address(), b"version\r\n", PATIENT).unwrap()).unwrap();
    up(&format!(r#""version":"{}""#, answer.trim_end().strip_prefix("VERSION ").unwrap()))
}

#[tokio::test(flavor = "multi_thread")]
async fn it_follows_a_server_that_stops_and_comes_back() {
    let mut server = Memcached::start();
    let up = version(&server);
    let watched = Watched::new(Ok(check(&server)));
    for _ in 0..2 {
        assert_eq!(watched.probe().await, up);
        server.stop();
        assert_eq!(watched.probe().await, down("connection refused"));
        assert_eq!(watched.probe().await, down("connection refused"));
        server.restart();
        assert_eq!(watched.probe().await, up);
        // The connection is broken, and nobody has noticed.
        server.restart();
        assert_eq!(watched.probe().await, up);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frozen_server_holds_one_connection() {
    let mut server = Memcached::start();
    let up = version(&server);
    let check = check(&server);
    let watched = Watched::new(Ok(check.clone()));
    assert_eq!(watched.probe().await, up);
    freeze(&mut server, check, 0).await;
    assert_eq!(watched.probe().await, up);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_frozen_from_the_start_gets_one_connection() {
    let mut server = Memcached::start();
    let up = version(&server);
    let check = check(&server);
    freeze(&mut server, check.clone(), 1).await;
    assert_eq!(Watched::new(Ok(check)).probe().await, up);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_is_given_and_never_shown() {
    if !alone::in_process(test_name!()) {
        return;
    }
    let log = Log::of_process(Level::TRACE, FmtSpan::NONE);
    let mut server = Memcached::with_password();
    let builder = || Check::builder(server.address().to_string());
    let right = Watched::new(builder().credentials(USER, PASSWORD).build());
    let (code, entry) = right.probe().await;
    assert_eq!((code, entry.starts_with(r#""status":"up","latency_ms":_,"version":"1."#)), (200, true), "{entry}");

    let wrong = Watched::new(builder().credentials(USER, WRONG).build());
    assert_eq!(wrong.probe().await, down("authentication failed"));
    assert_secret(&wrong, &log, [WRONG, PASSWORD]).await;
    let none = Watched::new(builder().build());
    assert_eq!(none.probe().await, down("authentication failed"));
    assert_secret(&none, &log, [WRONG, PASSWORD]).await;

    server.restart();
    assert_eq!(right.probe().await, (code, entry));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_passwords_stores_none() {
    let server = Memcached::start();
    let watched = Watched::new(Check::builder(server.address().to_string()).credentials(USER, PASSWORD).build());
    assert_eq!(watched.probe().await, version(&server));
    let items = String::from_utf8(talk(server.address(), b"stats\r\n", PATIENT).unwrap()).unwrap();
    assert!(items.contains("STAT cmd_set 0\r\n"), "{items}");
}

/// The table in the documentation of the checks.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_run_costs() {
    let server = Memcached::start();
    let proxy = Counting::start(server.address());
    let watched = Watched::new(Check::builder(proxy.address().to_string()).build());
    assert_eq!(watched.costs(&proxy, 200).await, [(1, 1), (0, 1), (0, 1)]);
    proxy.cut();
    assert_eq!(watched.probe().await.0, 503);
    proxy.open();
    assert_eq!(watched.costs(&proxy, 200).await, [(1, 1), (0, 1), (0, 1)]);

    let server = Memcached::with_password();
    let proxy = Counting::start(server.address());
    let watched = Watched::new(Check::builder(proxy.address().to_string()).credentials(USER, PASSWORD).build());
    assert_eq!(watched.costs(&proxy, 200).await, [(1, 3), (0, 1), (0, 1)]);
}
