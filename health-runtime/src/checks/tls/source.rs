//! The source of the certificates.

use std::error::Error;
use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use x509_cert::Certificate;
use x509_cert::der::Decode;
use x509_cert::time::Validity;

use super::file::{parse_certificates, read_file};
use super::handshake::peer_chain;
use crate::checks::shared::{HostPort, SingleFlight, spawn_blocking_thread};

/// A host or a file.
pub(super) enum Source {
    Host(SingleFlight<Host, Vec<CertificateDer<'static>>, io::Error>),
    File(SingleFlight<PathBuf, Vec<u8>, io::Error>),
}

/// The address of a host, and the server name for the handshake.
#[derive(Debug)]
pub(super) struct Host {
    pub(super) address: HostPort,
    pub(super) name: ServerName<'static>,
}

/// The reason why there are no certificates to evaluate.
pub(super) enum TlsCheckError {
    /// The host or the file is not available.
    Unavailable(io::Error),
    /// A certificate is malformed.
    Unreadable(Box<dyn Error + Send + Sync>),
}

impl Source {
    /// Returns the validity of each certificate.
    pub(super) async fn validities(&self) -> Result<Vec<Validity>, TlsCheckError> {
        let certificates = self.certificates().await?;
        let validities = certificates.iter().map(|der| Certificate::from_der(der).map(|parsed| parsed.tbs_certificate.validity));
        validities.collect::<Result<_, _>>().map_err(|error| TlsCheckError::Unreadable(error.into()))
    }

    async fn certificates(&self) -> Result<Vec<CertificateDer<'static>>, TlsCheckError> {
        match self {
            Self::Host(flight) => {
                let chain = flight.join_or_start(|host| async move { peer_chain(&host).await });
                chain.await.map_err(TlsCheckError::Unavailable)
            }
            Self::File(flight) => {
                let read = |path: Arc<PathBuf>| async { spawn_blocking_thread("health:tls", move || read_file(&path))?.await };
                let pem = flight.join_or_start(read).await.map_err(TlsCheckError::Unavailable)?;
                parse_certificates(&pem).map_err(|error| TlsCheckError::Unreadable(error.into()))
            }
        }
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Host(flight) => flight.target().fmt(f),
            Self::File(flight) => f.debug_tuple("File").field(flight.target()).finish(),
        }
    }
}
