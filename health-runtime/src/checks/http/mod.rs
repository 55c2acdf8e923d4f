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
/// A new connection with TLS 1.3 takes one more round trip, and so does each redirect, which opens a connection if it leads to
/// another server. The connection is kept for 90 s. If the server closes idle connections earlier, or the check runs less often,
/// every run costs as much as the first. If the server closes the connection without a response, the request is sent once more.
/// A body is read to its end, at most 64 KiB; after a longer one the connection is closed, because nothing else stops the server.
///
/// ```
/// use health_runtime::{Check, checks::Http};
///
/// let api = Http::get("http://prices.internal:8080/health").header("x-api-key", "key");
/// let prices = Check::readiness("prices-api", api.expect([200, 204]).build()?);
/// # Ok::<(), health_runtime::checks::BuildError>(())
/// ```
#[derive(Clone)]
pub struct Http {
    flight: Arc<SingleFlight<HttpProbe, Outcome, reqwest::Error>>,
}

impl Http {
    /// Runs the check once. For use in an annotated function.
    pub async fn run(&self) -> Outcome {
        let outcome = self.flight.join_or_start(|probe| async move { probe.run().await });
        outcome.await.unwrap_or_else(|error| outcome_from_request_error(&error.without_url()))
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
