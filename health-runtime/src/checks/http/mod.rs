//! A check of an HTTP resource: an external API, or another service.

mod builder;
mod client;
mod probe;
#[cfg(test)]
mod tests;

pub use builder::HttpBuilder;

use std::error::Error;
use std::sync::Arc;

use probe::HttpProbe;

use super::shared::{SingleFlight, builtin_check, outcome_from_error, partial_debug};
use crate::core::model::error_class::chain;
use crate::core::model::outcome::Outcome;

/// Checks that the response to a GET or HEAD request has an expected status code and, optionally, an expected text in its body.
///
/// Any other code is down, `answered 503`. A body without the text is down, `body does not contain the expected text`. Detail:
/// `code`, the status code. Redirects are not followed unless [`follow_redirects`](HttpBuilder::follow_redirects) is set, so
/// their codes are unexpected codes. Only the check's `timeout` cancels a request.
///
/// The check has its own client: HTTP/1.1, TLS with the root certificates of the system or those in the environment variables
/// `SSL_CERT_FILE` or `SSL_CERT_DIR`, and no proxy, even if `HTTP_PROXY` is set. Use [`client`](HttpBuilder::client) for a
/// client with a proxy, a client certificate or other root certificates.
///
/// # Cost for the server
///
/// | run | connections | round trips |
/// |---|---|---|
/// | the first, and each that finds its connection closed | 1, which is kept | 1 |
/// | the same over TLS 1.3 | 1, which is kept | 2 |
/// | every other | 0 | 1 |
/// | in addition, per redirect | 0, or 1 to another server | 1 |
///
/// The connection is kept for 90 s. If the server closes idle connections earlier, or the check runs less often, every run costs
/// as much as the first. If the server closes the connection without a response, the request is sent once more. A body is read to
/// its end, at most 64 KiB; after a longer one the connection is closed, because nothing else stops the server. If the server
/// does not respond, later runs wait for the pending request instead of sending another, for at least 10 s.
///
/// ```standalone_crate,no_run
/// use health_runtime::checks::Http;
/// use health_runtime::{Check, Health, Outcome, health_check};
///
/// /// The same check in an annotated function, which takes it as state.
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
    flight: Arc<SingleFlight<HttpProbe, Outcome, reqwest::Error>>,
}

impl Http {
    /// Runs the check once. For use in an annotated function.
    pub async fn run(&self) -> Outcome {
        let outcome = self.flight.join_or_start(|probe| async move { probe.run().await });
        outcome.await.unwrap_or_else(|error| outcome_from_request_error(&error))
    }
}

/// Returns a `Down` outcome for an error. An error of rustls about a certificate has no kind in reqwest.
fn outcome_from_request_error(error: &reqwest::Error) -> Outcome {
    let is_certificate_error =
        |error: &(dyn Error + 'static)| matches!(error.downcast_ref(), Some(rustls::Error::InvalidCertificate(_)));
    if chain(error).any(is_certificate_error) {
        Outcome::failed_as("certificate is not accepted", error)
    } else {
        outcome_from_error(error)
    }
}

builtin_check!(Http, external: true);
partial_debug!(Http, |http| request: http.flight.target());
