//! The certificates in a PEM file.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::Path;

use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::{self, PemObject};

/// The most bytes of a file.
const LARGEST: usize = 1024 * 1024;

const BEGIN: &str = "-----BEGIN CERTIFICATE-----";

/// All that is in the file.
pub(super) fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(LARGEST as u64 + 1).read_to_end(&mut bytes)?;
    if bytes.len() > LARGEST { Err(ErrorKind::FileTooLarge.into()) } else { Ok(bytes) }
}

/// Those in the text of a file. Whatever else is in it, such as a private key, is not looked at.
pub(super) fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, pem::Error> {
    let text = String::from_utf8_lossy(pem);
    let sections = text.split(BEGIN).skip(1);
    sections.map(|section| CertificateDer::from_pem_slice(format!("{BEGIN}{section}").as_bytes())).collect()
}
