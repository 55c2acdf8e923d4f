//! Where certificates come from.

use std::error::Error;
use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use x509_cert::Certificate;
use x509_cert::der::Decode;
use x509_cert::time::Validity;

use super::{file, handshake};
use crate::checks::shared::aside::Aside;
use crate::checks::shared::host_port::Address;
use crate::checks::shared::single_flight::Question;

/// A host or a file.
pub(super) enum Source {
    Host(Arc<Host>, Question<Vec<CertificateDer<'static>>, io::Error>),
    File(PathBuf, Aside<Vec<u8>>),
}

/// Where it is, and whose certificate it is asked for.
#[derive(Debug)]
pub(super) struct Host {
    pub(super) address: Address,
    pub(super) name: ServerName<'static>,
}

/// Why there is nothing to look at.
pub(super) enum Problem {
    /// Nobody gives any certificates.
    Unavailable(io::Error),
    /// What is given is none.
    Unreadable(Box<dyn Error + Send + Sync>),
}

impl Source {
    /// From when to when each of its certificates lasts.
    pub(super) async fn validities(&self) -> Result<Vec<Validity>, Problem> {
        let certificates = self.certificates().await?;
        let validities = certificates.iter().map(|der| Certificate::from_der(der).map(|read| read.tbs_certificate.validity));
        validities.collect::<Result<_, _>>().map_err(|error| Problem::Unreadable(error.into()))
    }

    async fn certificates(&self) -> Result<Vec<CertificateDer<'static>>, Problem> {
        match self {
            Self::Host(host, question) => {
                let chain = question.answer(|| {
                    let host = Arc::clone(host);
                    async move { handshake::chain(&host).await }
                });
                chain.await.map_err(Problem::Unavailable)
            }
            Self::File(path, reading) => {
                let path = path.clone();
                let pem = reading.answer("health:tls", move || file::read(&path)).await.map_err(Problem::Unavailable)?;
                file::certificates(&pem).map_err(|error| Problem::Unreadable(error.into()))
            }
        }
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Host(host, _) => host.fmt(f),
            Self::File(path, _) => f.debug_tuple("File").field(path).finish(),
        }
    }
}
