//! Certificates that a host presents in a handshake.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use rustls::crypto::ring;
use rustls::server::WebPkiClientVerifier;
use rustls::version::{TLS12, TLS13};
use rustls::{HandshakeKind, RootCertStore, ServerConfig, SupportedProtocolVersion};
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

use super::TestCertificate;
use crate::checks::Tls;
use crate::checks::shared::test_support::server::{FakeServer, UNUSED_ADDRESS};
use crate::checks::shared::test_support::summary::summary;

/// A connection as the server observed it.
#[derive(Debug, PartialEq, Eq)]
struct Handshake {
    server_name: Option<String>,
    resumed: bool,
    /// The number of bytes received, and the error at the end: `None` after a graceful close.
    end: (usize, Option<io::ErrorKind>),
}

struct TlsServer {
    address: SocketAddr,
    config: Arc<Mutex<Arc<ServerConfig>>>,
    handshakes: UnboundedReceiver<Handshake>,
}

impl TlsServer {
    async fn start(config: ServerConfig) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let config = Arc::new(Mutex::new(Arc::new(config)));
        let (handshake_tx, handshakes) = unbounded_channel();
        let current = Arc::clone(&config);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let config = Arc::clone(&current.lock().unwrap());
                let Ok(mut stream) = TlsAcceptor::from(config).accept(stream).await else { continue };
                let end = match stream.read(&mut [0; 1024]).await {
                    Ok(count) => (count, None),
                    Err(error) => (0, Some(error.kind())),
                };
                let connection = stream.get_ref().1;
                let resumed = connection.handshake_kind() == Some(HandshakeKind::Resumed);
                let _ =
                    handshake_tx.send(Handshake { server_name: connection.server_name().map(ToOwned::to_owned), resumed, end });
            }
        });
        Self { address, config, handshakes }
    }

    fn check(&self) -> Tls {
        Tls::host(self.address.to_string()).build().unwrap()
    }
}

fn tls13_config(chain: &[&TestCertificate]) -> ServerConfig {
    config(&TLS13, chain)
}

fn config(version: &'static SupportedProtocolVersion, chain: &[&TestCertificate]) -> ServerConfig {
    ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(&[version])
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain.iter().map(|certificate| certificate.der()).collect(), chain[0].key())
        .unwrap()
}

#[tokio::test]
async fn the_certificates_of_the_host_count_without_trust_in_them() {
    let [leaf, extra] = [90, 5].map(TestCertificate::ending_in);
    for version in [&TLS12, &TLS13] {
        let host = TlsServer::start(config(version, &[&leaf])).await;
        assert_eq!(summary(&host.check().run().await), "Up, days_left 90");
        let host = TlsServer::start(config(version, &[&leaf, &extra])).await;
        assert_eq!(summary(&host.check().run().await), "Degraded: an extra certificate ends in 5 days, days_left 90");
    }
    let expired = TestCertificate::valid_between(0, 1_000_000_000);
    let outcome = TlsServer::start(tls13_config(&[&expired])).await.check().run().await;
    assert!(summary(&outcome).starts_with("Down: certificate has expired, days_left -"), "{}", summary(&outcome));
}

#[tokio::test]
async fn each_run_is_a_full_handshake_with_a_graceful_close() {
    let mut host = TlsServer::start(tls13_config(&[&TestCertificate::ending_in(3)])).await;
    let check = host.check();
    assert_eq!(summary(&check.run().await), "Degraded: certificate ends in 3 days, days_left 3");
    *host.config.lock().unwrap() = Arc::new(tls13_config(&[&TestCertificate::ending_in(90)]));
    assert_eq!(summary(&check.run().await), "Up, days_left 90");
    for _ in 0..2 {
        assert_eq!(host.handshakes.recv().await, Some(Handshake { server_name: None, resumed: false, end: (0, None) }));
    }
}

#[tokio::test]
async fn the_server_name_is_the_host_unless_it_is_set() {
    let mut host = TlsServer::start(tls13_config(&[&TestCertificate::ending_in(90)])).await;
    let port = host.address.port();
    let localhost = Tls::host(format!("localhost:{port}"));
    let named = Tls::host(host.address.to_string()).server_name("Shop.example");
    for (builder, name) in [(localhost, "localhost"), (named, "shop.example")] {
        assert_eq!(summary(&builder.build().unwrap().run().await), "Up, days_left 90");
        assert_eq!(host.handshakes.recv().await.unwrap().server_name.as_deref(), Some(name));
    }
}

/// In TLS 1.2 such a host ends the handshake early.
#[tokio::test]
async fn a_host_that_requires_a_client_certificate_presents_its_own_first() {
    let certificate = TestCertificate::ending_in(90);
    let provider = Arc::new(ring::default_provider());
    let mut roots = RootCertStore::empty();
    roots.add(certificate.der()).unwrap();
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider)).build().unwrap();
    for version in [&TLS12, &TLS13] {
        let config = ServerConfig::builder_with_provider(Arc::clone(&provider)).with_protocol_versions(&[version]).unwrap();
        let config =
            config.with_client_cert_verifier(Arc::clone(&verifier)).with_single_cert(vec![certificate.der()], certificate.key());
        let host = TlsServer::start(config.unwrap()).await;
        assert_eq!(summary(&host.check().run().await), "Up, days_left 90", "{version:?}");
    }
}

#[tokio::test]
async fn a_host_that_does_not_respond_holds_one_connection_for_all_cancelled_runs() {
    let silent = FakeServer::start(|_, connection| {
        let _open = connection;
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
async fn a_host_without_tls_is_down_with_the_class_of_its_error() {
    let plain = FakeServer::start(|_, mut connection| {
        connection.send("220 mail.example ESMTP\r\n");
        connection.read_line();
    });
    let table = [(UNUSED_ADDRESS, "Down: connection refused"), ("nobody.invalid:443", "Down: name does not resolve")];
    for (address, expected) in table {
        assert_eq!(summary(&Tls::host(address).build().unwrap().run().await), expected);
    }
    assert_eq!(summary(&Tls::host(plain.address()).build().unwrap().run().await), "Down: invalid data");
}
