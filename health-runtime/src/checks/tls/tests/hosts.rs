//! What hosts present, in a handshake.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::version::{TLS12, TLS13};
use tokio_rustls::rustls::{HandshakeKind, RootCertStore, ServerConfig, SupportedProtocolVersion};

use super::Made;
use crate::checks::Tls;
use crate::checks::shared::test_support::server::{Fake, NOWHERE, told};

/// What a server saw of a client.
#[derive(Debug, PartialEq, Eq)]
struct Visit {
    asked_for: Option<String>,
    resumed: bool,
    /// How many bytes came, and how it ended: `None` for a goodbye.
    left: (usize, Option<io::ErrorKind>),
}

struct Host {
    address: SocketAddr,
    config: Arc<Mutex<Arc<ServerConfig>>>,
    visits: UnboundedReceiver<Visit>,
}

impl Host {
    async fn presenting(config: ServerConfig) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let config = Arc::new(Mutex::new(Arc::new(config)));
        let (visit, visits) = unbounded_channel();
        let current = Arc::clone(&config);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let config = Arc::clone(&current.lock().unwrap());
                let Ok(mut stream) = TlsAcceptor::from(config).accept(stream).await else { continue };
                let left = match stream.read(&mut [0; 1024]).await {
                    Ok(count) => (count, None),
                    Err(error) => (0, Some(error.kind())),
                };
                let connection = stream.get_ref().1;
                let resumed = connection.handshake_kind() == Some(HandshakeKind::Resumed);
                let _ = visit.send(Visit { asked_for: connection.server_name().map(ToOwned::to_owned), resumed, left });
            }
        });
        Self { address, config, visits }
    }

    fn check(&self) -> Tls {
        Tls::host(self.address.to_string()).build().unwrap()
    }
}

fn chain(chain: &[&Made]) -> ServerConfig {
    speaking(&TLS13, chain)
}

fn speaking(version: &'static SupportedProtocolVersion, chain: &[&Made]) -> ServerConfig {
    ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(&[version])
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain.iter().map(|made| made.der()).collect(), chain[0].key())
        .unwrap()
}

#[tokio::test]
async fn the_earliest_end_that_a_host_presents_counts_and_nobody_has_to_trust_it() {
    let [leaf, intermediate] = [90, 5].map(Made::ending_in);
    for version in [&TLS12, &TLS13] {
        let host = Host::presenting(speaking(version, &[&leaf])).await;
        assert_eq!(told(&host.check().run().await), "Up, days_left 90");
        let host = Host::presenting(speaking(version, &[&leaf, &intermediate])).await;
        assert_eq!(told(&host.check().run().await), "Degraded: certificate ends in 5 days, days_left 5");
    }
    let gone = Made::lasting(0, 1_000_000_000);
    let outcome = Host::presenting(chain(&[&gone])).await.check().run().await;
    assert!(told(&outcome).starts_with("Down: certificate has expired, days_left -"), "{}", told(&outcome));
}

#[tokio::test]
async fn every_run_is_a_whole_handshake_with_a_goodbye_so_that_a_renewed_certificate_is_seen() {
    let mut host = Host::presenting(chain(&[&Made::ending_in(3)])).await;
    let check = host.check();
    assert_eq!(told(&check.run().await), "Degraded: certificate ends in 3 days, days_left 3");
    *host.config.lock().unwrap() = Arc::new(chain(&[&Made::ending_in(90)]));
    assert_eq!(told(&check.run().await), "Up, days_left 90");
    for _ in 0..2 {
        assert_eq!(host.visits.recv().await, Some(Visit { asked_for: None, resumed: false, left: (0, None) }));
    }
}

#[tokio::test]
async fn the_name_that_is_asked_for_is_the_hosts_or_the_one_that_was_given() {
    let mut host = Host::presenting(chain(&[&Made::ending_in(90)])).await;
    let port = host.address.port();
    let localhost = Tls::host(format!("localhost:{port}"));
    let given = Tls::host(host.address.to_string()).server_name("Shop.example");
    for (builder, name) in [(localhost, "localhost"), (given, "shop.example")] {
        assert_eq!(told(&builder.build().unwrap().run().await), "Up, days_left 90");
        assert_eq!(host.visits.recv().await.unwrap().asked_for.as_deref(), Some(name));
    }
}

/// In TLS 1.2 such a host gives up before the handshake is done.
#[tokio::test]
async fn a_host_that_wants_a_certificate_of_its_client_shows_its_own_first() {
    let made = Made::ending_in(90);
    let provider = Arc::new(ring::default_provider());
    let mut roots = RootCertStore::empty();
    roots.add(made.der()).unwrap();
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider)).build().unwrap();
    for version in [&TLS12, &TLS13] {
        let config = ServerConfig::builder_with_provider(Arc::clone(&provider)).with_protocol_versions(&[version]).unwrap();
        let config = config.with_client_cert_verifier(Arc::clone(&verifier)).with_single_cert(vec![made.der()], made.key());
        let host = Host::presenting(config.unwrap()).await;
        assert_eq!(told(&host.check().run().await), "Up, days_left 90", "{version:?}");
    }
}

#[tokio::test]
async fn a_host_that_does_not_answer_holds_one_connection_however_many_runs_are_cut_off() {
    let silent = Fake::start(|_, talk| {
        let _open = talk;
        loop {
            thread::park();
        }
    });
    let check = Tls::host(silent.address()).build().unwrap();
    for _ in 0..100 {
        assert!(timeout(Duration::from_millis(2), check.run()).await.is_err());
    }
    while silent.connections() == 0 {
        assert!(timeout(Duration::from_millis(2), check.run()).await.is_err());
    }
    assert_eq!(silent.connections(), 1);
}

#[tokio::test]
async fn a_host_without_a_certificate_is_down_by_its_class() {
    let plain = Fake::start(|_, mut talk| {
        talk.say("220 mail.example ESMTP\r\n");
        talk.line();
    });
    let table = [(NOWHERE, "Down: connection refused"), ("nobody.invalid:443", "Down: name does not resolve")];
    for (address, expected) in table {
        assert_eq!(told(&Tls::host(address).build().unwrap().run().await), expected);
    }
    assert_eq!(told(&Tls::host(plain.address()).build().unwrap().run().await), "Down: invalid data");
}
