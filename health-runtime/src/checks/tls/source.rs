//! The source of the certificates.

use std::fmt;
use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::{self, PemObject};
use rustls_native_certs::load_native_certs;

use super::certificate::Certificate;
use super::handshake::{Host, peer_chain};
use crate::checks::shared::{SingleFlight, outcome_from_error, spawn_blocking_thread};
use crate::core::model::outcome::Outcome;

const MAX_FILE_BYTES: usize = 1024 * 1024;

const UNREADABLE: &str = "certificate cannot be read";

const BEGIN_MARKER: &str = "-----BEGIN CERTIFICATE-----";

/// A host or a file.
pub(super) enum Source {
    Host(SingleFlight<Host, Vec<CertificateDer<'static>>, io::Error>),
    File(SingleFlight<PathBuf, Vec<u8>, io::Error>),
}

impl Source {
    /// Returns the certificates, or the outcome of an error.
    pub(super) async fn certificates(&self) -> Result<Vec<Certificate>, Outcome> {
        let certificates = self.read().await?;
        let parsed = certificates.iter().map(|der| Certificate::parse(der));
        parsed.collect::<Result<_, _>>().map_err(|error| Outcome::failed_as(UNREADABLE, &error))
    }

    async fn read(&self) -> Result<Vec<CertificateDer<'static>>, Outcome> {
        match self {
            Self::Host(flight) => {
                let chain = flight.join_or_start(|host| async move { peer_chain(&host).await });
                chain.await.map_err(|error| outcome_from_error(&error))
            }
            Self::File(flight) => {
                let read = |path: Arc<PathBuf>| async { spawn_blocking_thread("health:tls", move || read_file(&path))?.await };
                let pem = flight.join_or_start(read).await.map_err(|error| outcome_from_error(&error))?;
                parse_certificates(&pem).map_err(|error| Outcome::failed_as(UNREADABLE, &error))
            }
        }
    }
}

/// Returns the roots that the system trusts, or those that the environment names.
pub(super) async fn roots() -> Vec<Certificate> {
    let Ok(loaded) = spawn_blocking_thread("health:roots", || Ok(load_native_certs().certs)) else { return Vec::new() };
    let certificates = loaded.await.unwrap_or_default();
    certificates.iter().filter_map(|der| Certificate::parse(der).ok()).collect()
}

/// Reads a file up to the maximum size.
fn read_file(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(MAX_FILE_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    if bytes.len() > MAX_FILE_BYTES { Err(ErrorKind::FileTooLarge.into()) } else { Ok(bytes) }
}

/// Parses the certificates in the text of a file. Other sections, such as a private key, are ignored.
fn parse_certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, pem::Error> {
    let text = String::from_utf8_lossy(pem);
    let sections = text.split(BEGIN_MARKER).skip(1);
    sections.map(|section| CertificateDer::from_pem_slice(format!("{BEGIN_MARKER}{section}").as_bytes())).collect()
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Host(flight) => flight.target().fmt(f),
            Self::File(flight) => f.debug_tuple("File").field(flight.target()).finish(),
        }
    }
}
