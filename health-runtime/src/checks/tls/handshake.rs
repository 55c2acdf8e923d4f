//! The certificates that a host presents in a handshake.

use std::io;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use rustls::client::Resumption;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, Error, SignatureScheme};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::checks::shared::connector::{Connected, Connector};
use crate::checks::shared::partial_debug;

/// The time for the host to close the connection after the client has.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);

/// A host, and the server name for the handshake.
pub(super) struct Host {
    pub(super) connector: Connector,
    pub(super) name: ServerName<'static>,
    pub(super) provider: Arc<CryptoProvider>,
}

partial_debug!(Host, |host| address: host.connector.target(), name: &host.name);

/// Returns the certificate of the host and the intermediates that it sends.
pub(super) async fn peer_chain(host: &Host) -> io::Result<Vec<CertificateDer<'static>>> {
    let Connected { stream, address, .. } = host.connector.connect().await?;
    host.connector.track(address, peer_chain_over(stream, host)).await
}

async fn peer_chain_over(stream: TcpStream, host: &Host) -> io::Result<Vec<CertificateDer<'static>>> {
    let verifier = Arc::<RecordingVerifier>::default();
    let mut config = ClientConfig::builder_with_provider(Arc::clone(&host.provider))
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .dangerous()
        .with_custom_certificate_verifier(verifier.clone())
        .with_no_client_auth();
    config.resumption = Resumption::disabled();
    let handshake = TlsConnector::from(Arc::new(config)).connect(host.name.clone(), stream).await;
    match (handshake, verifier.chain.get()) {
        (Ok(stream), chain) => {
            close_gracefully(stream);
            Ok(chain.cloned().unwrap_or_default())
        }
        // A host that requires a client certificate presents its own before it ends the handshake.
        (Err(_), Some(chain)) => Ok(chain.clone()),
        (Err(error), None) => Err(error),
    }
}

/// Closes the connection as TLS requires, in a task: no run waits for a host that does not close it too.
fn close_gracefully(mut stream: TlsStream<TcpStream>) {
    tokio::spawn(timeout(CLOSE_TIMEOUT, async move {
        stream.shutdown().await?;
        // Closing before everything is read would reset the connection, which the host may log.
        while stream.read(&mut [0; 1024]).await? > 0 {}
        io::Result::Ok(())
    }));
}

/// Records the presented certificates and accepts all of them. That is safe here: the check sends no data to the host, and uses
/// only the dates of the certificates.
#[derive(Debug, Default)]
struct RecordingVerifier {
    chain: OnceLock<Vec<CertificateDer<'static>>>,
}

impl ServerCertVerifier for RecordingVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let chain = std::iter::once(end_entity).chain(intermediates).map(|certificate| certificate.clone().into_owned());
        self.chain.get_or_init(|| chain.collect());
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _certificate: &CertificateDer<'_>,
        _signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _message: &[u8],
        _certificate: &CertificateDer<'_>,
        _signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    /// Returns more schemes than the provider can verify, so that a host with any kind of certificate presents it.
    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![
            SignatureScheme::ED25519,
            SignatureScheme::ED448,
            SignatureScheme::ECDSA_NISTP256_SHA256,
            SignatureScheme::ECDSA_NISTP384_SHA384,
            SignatureScheme::ECDSA_NISTP521_SHA512,
            SignatureScheme::RSA_PSS_SHA256,
            SignatureScheme::RSA_PSS_SHA384,
            SignatureScheme::RSA_PSS_SHA512,
            SignatureScheme::RSA_PKCS1_SHA256,
            SignatureScheme::RSA_PKCS1_SHA384,
            SignatureScheme::RSA_PKCS1_SHA512,
        ]
    }
}
