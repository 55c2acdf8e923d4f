//! A check of the validity of TLS certificates.

mod builder;
mod handshake;
mod source;
#[cfg(test)]
mod tests;
mod validity;

pub use builder::TlsBuilder;

use std::sync::Arc;
use std::time::SystemTime;

use source::Source;

use super::shared::{builtin_check, partial_debug};
use crate::core::model::outcome::Outcome;

/// Checks that the certificates that a host presents, or of a PEM file, are valid for some more days.
///
/// The certificate of the chain that expires first counts: an intermediate may expire before the certificate that it signed.
/// With less than 14 days left the check is degraded, `certificate ends in 13 days`. It is down after the end, `certificate has
/// expired`, and before the start, `certificate is not valid yet`. Detail: `days_left`, in whole days: 0 on the last day, and
/// negative after the end.
///
/// The check evaluates only dates. It verifies neither the name nor the trust in the chain, and sends no data, so it accepts
/// every certificate, including self-signed ones. A host that requires a client certificate presents its own first, which is
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
        match self.source.validities().await {
            Ok(validities) => validity::evaluate(&validities, self.warn_days, SystemTime::now()),
            Err(outcome) => outcome,
        }
    }
}

builtin_check!(Tls, external: true);
partial_debug!(Tls, |tls| source: &tls.source, warn_days: &tls.warn_days);
