//! The check against generated certificates.

mod chains;
mod dates;
mod files;
mod hosts;
mod settings;

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rcgen::{Certificate, CertificateParams, KeyPair, date_time_ymd};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

const DAY: u64 = 24 * 60 * 60;

/// A self-signed certificate.
struct TestCertificate {
    certificate: Certificate,
    key: KeyPair,
}

impl TestCertificate {
    /// Creates a certificate that is valid from `begin` to `end`, in seconds since 1970.
    fn valid_between(begin: u64, end: u64) -> Self {
        let mut params = CertificateParams::new(["localhost".to_owned()]).unwrap();
        let epoch = date_time_ymd(1970, 1, 1);
        (params.not_before, params.not_after) = (epoch + Duration::from_secs(begin), epoch + Duration::from_secs(end));
        let key = KeyPair::generate().unwrap();
        Self { certificate: params.self_signed(&key).unwrap(), key }
    }

    /// Creates a certificate that is valid now and ends in `days` days and a half.
    fn ending_in(days: u64) -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        Self::valid_between(now - DAY, now + days * DAY + DAY / 2)
    }

    fn der(&self) -> CertificateDer<'static> {
        self.certificate.der().clone()
    }

    fn pem(&self) -> String {
        self.certificate.pem()
    }

    fn key(&self) -> PrivateKeyDer<'static> {
        PrivateKeyDer::try_from(self.key.serialize_der()).unwrap()
    }
}
