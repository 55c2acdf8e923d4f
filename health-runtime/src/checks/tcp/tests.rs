use std::net::{TcpListener, ToSocketAddrs};

use super::Tcp;
use crate::checks::shared::test_support::server::{FakeServer, UNUSED_ADDRESS};
use crate::checks::shared::test_support::summary::{error_chain, summary};

#[tokio::test]
async fn each_run_connects_once_and_closes_the_connection() {
    let (line_tx, line_rx) = std::sync::mpsc::channel();
    let server = FakeServer::start(move |number, mut connection| line_tx.send((number, connection.read_line())).unwrap());
    let tcp = Tcp::builder(server.address()).build().unwrap();
    for number in 1..=3 {
        assert_eq!(summary(&tcp.run().await), "Up, addresses 1");
        assert_eq!(line_rx.recv().unwrap(), (number, None), "closed, and nothing sent");
        assert_eq!(server.connections(), number);
    }
}

#[tokio::test]
async fn without_a_listener_the_connection_is_refused() {
    let outcome = Tcp::builder(UNUSED_ADDRESS).build().unwrap().run().await;
    assert_eq!(summary(&outcome), "Down: connection refused");
}

#[tokio::test]
async fn every_address_of_the_name_is_tried() {
    // If `localhost` is `::1` too, that address refuses.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let count = ("localhost", port).to_socket_addrs().unwrap().count();
    let tcp = Tcp::builder(format!("localhost:{port}")).build().unwrap();
    assert_eq!(summary(&tcp.run().await), format!("Up, addresses {count}"));
}

#[tokio::test]
async fn a_name_that_does_not_resolve_has_a_reason_without_the_name() {
    let outcome = Tcp::builder("missing.invalid:25").build().unwrap().run().await;
    assert_eq!(summary(&outcome), "Down: name does not resolve");
    assert!(error_chain(&outcome).starts_with("`missing.invalid` does not resolve: "), "{}", error_chain(&outcome));
}

#[test]
fn an_invalid_address_is_rejected_and_not_shown() {
    let error = Tcp::builder("smtp://user:hunter2@mail:25").build().unwrap_err();
    assert_eq!(
        error.to_string(),
        "`Tcp` cannot be built; 1 problem:
  `address` must be `host:port`; remove the scheme, the user and the path, as in `cache.internal:11211`"
    );
    assert_eq!(format!("{:?}", Tcp::builder("smtp://user:hunter2@mail:25")), "TcpBuilder { .. }");
    let tcp = Tcp::builder("mail:25").build().unwrap();
    assert_eq!(format!("{tcp:?}"), r#"Tcp { address: HostPort { host: "mail", port: 25 }, .. }"#);
}
