//! Where certificates come from.

use std::error::Error;
use std::io;
use std::path::PathBuf;

use tokio_rustls::rustls::pki_types::ServerName;
use x509_cert::Certificate;
use x509_cert::der::Decode;
use x509_cert::time::Validity;

use super::{file, presented};
use crate::checks::address::Address;

/// A host, by the name that it is asked for, or a file.
#[derive(Debug, Clone)]
pub(super) enum Source {
    Host { address: Address, name: ServerName<'static> },
    File(PathBuf),
}

/// Why there is nothing to look at.
pub(super) enum Problem {
    /// The host or the file gives no certificates.
    Unavailable(io::Error),
    /// What it gives is none.
    Unreadable(Box<dyn Error + Send + Sync>),
}

impl Source {
    /// From when to when each of its certificates lasts.
    pub(super) async fn validities(&self) -> Result<Vec<Validity>, Problem> {
        let certificates = match self {
            Self::Host { address, name } => presented::chain(address, name).await.map_err(Problem::Unavailable)?,
            Self::File(path) => {
                let pem = file::read(path).await.map_err(Problem::Unavailable)?;
                file::certificates(&pem).map_err(|error| Problem::Unreadable(error.into()))?
            }
        };
        let validity = |certificate: &_| Certificate::from_der(certificate).map(|read| read.tbs_certificate.validity);
        let validities = certificates.iter().map(|certificate| validity(&**certificate)).collect::<Result<_, _>>();
        validities.map_err(|error| Problem::Unreadable(error.into()))
    }
}
