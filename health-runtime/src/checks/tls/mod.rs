//! A check of the validity of TLS certificates.

mod builder;
mod certificate;
mod chain;
mod handshake;
mod source;
#[cfg(test)]
mod tests;
mod validity;

pub use builder::TlsBuilder;

use std::sync::Arc;
use std::time::SystemTime;

use self::certificate::Certificate;
use self::chain::divide;
use self::source::Source;
use self::validity::{evaluate, unix_seconds};

use super::shared::{builtin_check, partial_debug};
use crate::core::model::outcome::Outcome;
use crate::core::model::status::Status;

/// Checks that the certificates that a host presents, or of a PEM file, are valid for some more days.
///
/// Of the certificates that a client needs, the one that expires first counts: an intermediate may expire before the certificate
/// that it signed. With less than 14 days left the check is degraded, `certificate ends in 13 days`. It is down after the end,
/// `certificate has expired`, and before the start, `certificate is not valid yet`. Detail: `days_left`, in whole days: 0 on the
/// last day, and negative after the end.
///
/// A client needs the certificate of the server and its issuers up to a root. The first certificate is the one of the server. A
/// root, an old intermediate alongside the renewed one, and what comes after an issuer that is a root of this system, are extra:
/// they make the check degraded at most, `an extra certificate has expired`.
///
/// The check evaluates only dates. It verifies neither the name nor the trust in the chain, and sends no data, so it accepts
/// every certificate, including self-signed ones. To connect to a host it needs a TLS provider, as described at
/// [`Http`](super::Http), and for a host without TLS 1.3 the feature `tls12`. A host that requires a client certificate presents its own first, which is
/// enough. The host must use TLS from the first byte; `STARTTLS` is not supported.
///
/// Renewing a certificate takes people days, so an `interval` of an hour is enough. A certificate expires for all instances at
/// once: make the check non-critical, unless no instance can do anything without the certificate.
///
/// Each run opens a connection. One round trip is the handshake, the other closes the connection, which no run waits for. No
/// session is resumed, because that would hide a renewed certificate. A file is read in each run, up to 1 MiB, on a dedicated
/// thread.
///
/// ```
/// use std::time::Duration;
/// use health_runtime::{Check, checks::Tls};
///
/// let shop = Tls::host("shop.example:443").warn_days(21).build()?;
/// let shop = Check::readiness("shop-certificate", shop).critical(false);
/// let own = Tls::pem_file("/etc/tls/tls.crt").build()?;
/// let own = Check::readiness("own-certificate", own).critical(false);
/// let checks = [shop, own].map(|check| check.interval(Duration::from_secs(3600)));
/// # Ok::<(), health_runtime::checks::BuildError>(())
/// ```
#[derive(Clone)]
pub struct Tls {
    source: Arc<Source>,
    warn_days: u32,
}

impl Tls {
    /// Runs the check once. For use in an annotated function.
    pub async fn run(&self) -> Outcome {
        match self.source.certificates().await {
            Ok(certificates) => self.evaluate(&certificates).await,
            Err(outcome) => outcome,
        }
    }

    /// Evaluates certificates at first without regard to trust, and if a problem may be in one that no client needs, with the
    /// trust of the system.
    async fn evaluate(&self, certificates: &[Certificate]) -> Outcome {
        let now = unix_seconds(SystemTime::now());
        let chain = divide(certificates, &[], now);
        let outcome = evaluate(&chain, self.warn_days, now);
        if outcome.status == Status::Up || chain.needed.len() < 2 {
            return outcome;
        }
        evaluate(&divide(certificates, &source::roots().await, now), self.warn_days, now)
    }
}

builtin_check!(Tls, external: true);
partial_debug!(Tls, |tls| source: &tls.source, warn_days: &tls.warn_days);
