//! Against certificates that are made for a test.

mod dates;
mod files;
mod hosts;
mod settings;

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rcgen::{Certificate, CertificateParams, KeyPair, date_time_ymd};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

const DAY: u64 = 24 * 60 * 60;

/// One that signed itself.
struct Made {
    certificate: Certificate,
    key: KeyPair,
}

impl Made {
    /// One that begins and ends this many seconds after 1970.
    fn lasting(begin: u64, end: u64) -> Self {
        let mut params = CertificateParams::new(["localhost".to_owned()]).unwrap();
        let epoch = date_time_ymd(1970, 1, 1);
        (params.not_before, params.not_after) = (epoch + Duration::from_secs(begin), epoch + Duration::from_secs(end));
        let key = KeyPair::generate().unwrap();
        Self { certificate: params.self_signed(&key).unwrap(), key }
    }

    /// One that has begun and ends this many days from now, and half a day.
    fn ending_in(days: u64) -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        Self::lasting(now - DAY, now + days * DAY + DAY / 2)
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
