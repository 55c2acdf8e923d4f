//! The certificates in a PEM file.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::Path;

use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::{self, PemObject};

const MAX_FILE_BYTES: usize = 1024 * 1024;

const BEGIN_MARKER: &str = "-----BEGIN CERTIFICATE-----";

/// Reads a file up to the maximum size.
pub(super) fn read_file(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(MAX_FILE_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    if bytes.len() > MAX_FILE_BYTES { Err(ErrorKind::FileTooLarge.into()) } else { Ok(bytes) }
}

/// Parses the certificates in the text of a file. Other sections, such as a private key, are ignored.
pub(super) fn parse_certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, pem::Error> {
    let text = String::from_utf8_lossy(pem);
    let sections = text.split(BEGIN_MARKER).skip(1);
    sections.map(|section| CertificateDer::from_pem_slice(format!("{BEGIN_MARKER}{section}").as_bytes())).collect()
}
