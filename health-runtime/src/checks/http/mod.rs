//! A resource behind HTTP: an outside API, or a service beside this one.

mod builder;
mod client;
mod exchange;
#[cfg(test)]
mod tests;

pub use builder::HttpBuilder;

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use exchange::Exchange;

use crate::checks::shared::resolve;
use crate::checks::shared::single_flight::Question;
use crate::core::model::error_class::chain;
use crate::core::model::outcome::Outcome;
use crate::core::registry::check::Run;
use crate::core::registry::descriptor::CheckFuture;

/// A GET or a HEAD is answered with an expected code, and with a body that holds an expected text where one is asked for.
///
/// Any other code is down, `answered 503`, and so is a body without the text, `body does not contain the expected text`.
/// Detail: `code`, that of the answer. A redirect is a code as any other, and not one of those expected, unless
/// [`follow_redirects`](HttpBuilder::follow_redirects) is asked for. Only the check's own `timeout` cuts a question off.
///
/// The check has a client of its own: HTTP/1.1, TLS with the root certificates of the system, or those that the environment
/// names in `SSL_CERT_FILE` or `SSL_CERT_DIR`, and no proxy, whatever `HTTP_PROXY` says. One with a proxy, a certificate of its
/// own or other roots is given with [`client`](HttpBuilder::client).
///
/// # What it costs the other side
///
/// | run | connections | round trips |
/// |---|---|---|
/// | the first, and one that finds the connection closed | 1, which is kept | 1 |
/// | the same over TLS 1.3 | 1, which is kept | 2 |
/// | every other | 0 | 1 |
/// | more for each redirect | 0, or 1 to another server | 1 |
///
/// The connection is kept for 90 s: a server that closes idle ones earlier, or a check that runs less often, makes each run a
/// first one. A request that the server closes on without an answer is sent once more. A body is read to its end, but no further
/// than 64 KiB; after a longer one the connection is closed, because nothing else stops the server. A server that does not answer
/// is asked no second time while the first question is open, for at least 10 s.
///
/// ```standalone_crate,no_run
/// use health_runtime::checks::Http;
/// use health_runtime::{Check, Health, Outcome, health_check};
///
/// /// The same inside an annotated function, which finds it as state.
/// #[health_check(startup)]
/// async fn prices(prices: &Http) -> Outcome {
///     prices.run().await
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let prices = Http::get("http://prices.internal:8080/health")
///     .header("x-api-key", std::env::var("PRICES_KEY")?)
///     .expect([200, 204])
///     .build()?;
/// let health = Health::builder().check(Check::readiness("prices-api", prices.clone())).state(prices).start()?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Http {
    exchange: Arc<Exchange>,
    question: Arc<Question<Outcome, reqwest::Error>>,
}

impl Http {
    /// One run, for use inside an annotated function.
    pub async fn run(&self) -> Outcome {
        let answer = self.question.answer(|| {
            let exchange = Arc::clone(&self.exchange);
            async move { exchange.ask().await }
        });
        answer.await.unwrap_or_else(|error| failed(&error))
    }

    fn new(exchange: Exchange) -> Self {
        Self { exchange: Arc::new(exchange), question: Arc::default() }
    }
}

/// Down for this error. What rustls says of a certificate has no kind that tells it from other errors.
fn failed(error: &reqwest::Error) -> Outcome {
    let is_about_certificate =
        |error: &(dyn Error + 'static)| matches!(error.downcast_ref(), Some(rustls::Error::InvalidCertificate(_)));
    if chain(error).any(is_about_certificate) {
        Outcome::failed_as("certificate is not accepted", error)
    } else {
        resolve::failed(error)
    }
}

impl Run for Http {
    fn start(&self) -> CheckFuture<'static> {
        let check = self.clone();
        Box::pin(async move { check.run().await })
    }

    fn is_external(&self) -> bool {
        true
    }
}

impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Http").field("asks", &self.exchange).finish_non_exhaustive()
    }
}
