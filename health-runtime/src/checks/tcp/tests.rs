use std::net::{TcpListener, ToSocketAddrs};

use super::Tcp;
use crate::checks::shared::test_support::server::{Fake, NOWHERE, chain, told};

#[tokio::test]
async fn it_connects_once_a_run_and_closes() {
    let (seen, ends) = std::sync::mpsc::channel();
    let server = Fake::start(move |number, mut talk| seen.send((number, talk.line())).unwrap());
    let tcp = Tcp::builder(server.address()).build().unwrap();
    for number in 1..=3 {
        assert_eq!(told(&tcp.run().await), "Up, addresses 1");
        assert_eq!(ends.recv().unwrap(), (number, None), "closed, and nothing sent");
        assert_eq!(server.connections(), number);
    }
}

#[tokio::test]
async fn where_nothing_listens_it_is_refused() {
    let outcome = Tcp::builder(NOWHERE).build().unwrap().run().await;
    assert_eq!(told(&outcome), "Down: connection refused");
}

#[tokio::test]
async fn every_address_of_the_name_is_tried() {
    // Wherever `localhost` is `::1` too, that one refuses.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let count = ("localhost", port).to_socket_addrs().unwrap().count();
    let tcp = Tcp::builder(format!("localhost:{port}")).build().unwrap();
    assert_eq!(told(&tcp.run().await), format!("Up, addresses {count}"));
}

#[tokio::test]
async fn a_name_that_does_not_resolve_is_down_and_says_so() {
    let outcome = Tcp::builder("nobody.invalid:25").build().unwrap().run().await;
    assert_eq!(told(&outcome), "Down: name does not resolve");
    assert!(chain(&outcome).starts_with("`nobody.invalid` does not resolve: "), "{}", chain(&outcome));
}

#[test]
fn nonsense_is_refused() {
    let error = Tcp::builder("smtp://user:hunter2@mail:25").build().unwrap_err();
    assert_eq!(
        error.to_string(),
        "`Tcp` cannot be built; 1 problem:
  `address` is more than a host and a port; leave out the scheme, the user and the path, as in `cache.internal:11211`"
    );
    assert_eq!(format!("{:?}", Tcp::builder("smtp://user:hunter2@mail:25")), "TcpBuilder { .. }");
    let tcp = Tcp::builder("mail:25").build().unwrap();
    assert_eq!(format!("{tcp:?}"), r#"Tcp { address: Address { host: "mail", port: 25 }, .. }"#);
}
