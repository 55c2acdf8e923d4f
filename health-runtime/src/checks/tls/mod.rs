//! How long certificates last.

mod builder;
mod file;
mod handshake;
mod source;
#[cfg(test)]
mod tests;
mod validity;

pub use builder::TlsBuilder;

use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use source::{Problem, Source};

use crate::checks::shared::resolve;
use crate::core::model::outcome::Outcome;
use crate::core::registry::check::Run;
use crate::core::registry::descriptor::CheckFuture;

/// The certificates that a host presents, or that a PEM file holds, last for some more days.
///
/// The one of the whole chain that ends first counts: an intermediate may end before the certificate that it signed. Under 14
/// days it is degraded, `certificate ends in 13 days`, and down once it has ended, `certificate has expired`, or while it has
/// not begun, `certificate is not valid yet`. Detail: `days_left`, in whole days, so 0 on the last and below 0 behind the end.
///
/// This is about time alone. Whether the name fits and whether anybody trusts the chain is for the clients to say, and nothing
/// is sent: every certificate will do, also a self-signed one. A host that wants a certificate of its client shows its own
/// first, and that is enough. It has to speak TLS from the first byte on; there is no `STARTTLS`.
///
/// People need days to act, so an `interval` of an hour is enough. And a certificate ends for every instance at once: unless none
/// of them can do anything without it, let the check not be critical.
///
/// # What it costs the other side
///
/// | run | connections | round trips |
/// |---|---|---|
/// | each, to a host with TLS 1.3 | 1, which is closed | 2 |
/// | each, on a file | 0 | 0 |
///
/// One round trip is the handshake, the other the goodbye, which no run waits for. No session is resumed, because that would
/// hide a certificate that was renewed. A host that does not answer is asked no second time while the first question is open,
/// for at least 10 s. A file is read anew each time, up to 1 MiB, on a thread of its own.
///
/// ```
/// use std::time::Duration;
///
/// use health_runtime::Check;
/// use health_runtime::checks::{BuildError, Tls};
///
/// const HOUR: Duration = Duration::from_secs(3600);
///
/// # fn main() -> Result<(), BuildError> {
/// let shop = Check::readiness("shop-certificate", Tls::host("shop.example:443").warn_days(21).build()?);
/// let ours = Check::readiness("our-certificate", Tls::pem_file("/etc/tls/tls.crt").build()?);
/// let checks = [shop, ours].map(|check| check.interval(HOUR).timeout(Duration::from_secs(5)).critical(false));
/// # drop(checks);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Tls {
    inner: Arc<Inner>,
}

struct Inner {
    source: Source,
    warn_days: u32,
}

impl Tls {
    /// One run, for use inside an annotated function.
    pub async fn run(&self) -> Outcome {
        match self.inner.source.validities().await {
            Ok(validities) => validity::judge(&validities, self.inner.warn_days, SystemTime::now()),
            Err(Problem::Unavailable(error)) => resolve::failed(&error),
            Err(Problem::Unreadable(error)) => Outcome::failed_as("certificate cannot be read", &*error),
        }
    }

    fn new(source: Source, warn_days: u32) -> Self {
        Self { inner: Arc::new(Inner { source, warn_days }) }
    }
}

impl Run for Tls {
    fn start(&self) -> CheckFuture<'static> {
        let check = self.clone();
        Box::pin(async move { check.run().await })
    }

    fn is_external(&self) -> bool {
        true
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { source, warn_days } = &*self.inner;
        f.debug_struct("Tls").field("source", source).field("warn_days", warn_days).finish_non_exhaustive()
    }
}
