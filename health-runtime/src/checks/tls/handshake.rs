//! The certificates that a host presents.

use std::io;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::client::Resumption;
use tokio_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::{ClientConfig, DigitallySignedStruct, Error, SignatureScheme};

use super::source::Host;
use crate::checks::shared::resolve::connect;

/// How long a host may take to close after its client has.
const GOODBYE: Duration = Duration::from_secs(1);

/// The certificate of the host, and those that it sends with it.
pub(super) async fn chain(host: &Host) -> io::Result<Vec<CertificateDer<'static>>> {
    let stream = connect(&host.address.host, host.address.port).await?;
    let witness = Arc::<Witness>::default();
    let config = config(Arc::clone(&witness)).map_err(io::Error::other)?;
    let handshake = TlsConnector::from(Arc::new(config)).connect(host.name.clone(), stream).await;
    match (handshake, witness.chain.get()) {
        (Ok(stream), chain) => {
            leave(stream);
            Ok(chain.cloned().unwrap_or_default())
        }
        // A host that wants a certificate of its client has shown its own before it gives up.
        (Err(_), Some(chain)) => Ok(chain.clone()),
        (Err(error), None) => Err(error),
    }
}

fn config(witness: Arc<Witness>) -> Result<ClientConfig, Error> {
    let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(witness)
        .with_no_client_auth();
    config.resumption = Resumption::disabled();
    Ok(config)
}

/// Closes as the protocol wants it, aside: nobody has to wait for a host that does not close in its turn.
fn leave(mut stream: TlsStream<TcpStream>) {
    tokio::spawn(timeout(GOODBYE, async move {
        stream.shutdown().await?;
        // To close before all is read would be a reset, which the host might log.
        while stream.read(&mut [0; 1024]).await? > 0 {}
        io::Result::Ok(())
    }));
}

/// Writes down what is presented, and believes everything: nothing is sent to this host, and nothing of it is used but dates.
#[derive(Debug, Default)]
struct Witness {
    chain: OnceLock<Vec<CertificateDer<'static>>>,
}

impl ServerCertVerifier for Witness {
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

    /// More than anybody here could verify, so that the host has a certificate for one of them.
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
