//! A check of an HTTP resource: an external API, or another service.

mod builder;
mod client;
mod expectation;
mod given_client;
mod own_client;
mod probe;
mod request;
#[cfg(test)]
mod tests;
mod tls;

pub use builder::HttpBuilder;

use std::error::Error;
use std::sync::Arc;

use client::HttpTarget;

use super::shared::{SingleFlight, builtin_check, outcome_from_error, partial_debug};
use crate::core::model::error_class::chain;
use crate::core::model::outcome::Outcome;

/// Checks that the response to a GET or HEAD request has an expected status code and, optionally, an expected text in its body.
///
/// Any other code is down, `answered 503`. A body without the text is down, `body does not contain the expected text`. Detail:
/// `code`, the status code. Redirects are not followed unless [`follow_redirects`](HttpBuilder::follow_redirects) is set, so
/// their codes are unexpected codes. Only the check's `timeout` cancels a request.
///
/// The head of the response decides about the code, so a body that does not end, such as a stream of events, does not fail it. A
/// text is looked for as the body arrives, up to the first match.
///
/// The check has its own client: HTTP/1.1, up to 4,096 header fields in a response, and no proxy, even if `HTTP_PROXY` is set.
/// Use [`client`](HttpBuilder::client) for a client with a proxy, a client certificate or other root certificates.
///
/// # TLS
///
/// An `https` URL needs a provider of rustls 0.23: the one that the program installs as its default before it builds the check,
/// else the only one that the features of rustls in the program include, else the one that the feature `aws-lc-rs` or `ring` of
/// this crate selects. Without any, [`build`](HttpBuilder::build) returns an error. Servers without TLS 1.3 need the feature
/// `tls12`. The root certificates are those of the system, or those in the environment variables `SSL_CERT_FILE` or
/// `SSL_CERT_DIR`.
///
/// # Cost for the server
///
/// A new connection with TLS 1.3 takes one more round trip, and so does each redirect, which opens a connection if it leads to
/// another server. The connection is kept for at most 30 s, because the name may lead to another server by then. If the server
/// closes idle connections earlier, or the check runs less often, every run costs as much as the first. After an error or an
/// unexpected response the connection is closed. If it was a kept one, the request is sent once more over a new connection, whose
/// response counts. The rest of a body is read for 100 ms and up to 64 KiB, after which the connection is closed.
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
    flight: Arc<SingleFlight<HttpTarget, Outcome, Outcome>>,
}

impl Http {
    /// Runs the check once. For use in an annotated function.
    pub async fn run(&self) -> Outcome {
        let outcome = self.flight.join_or_start(|target| async move { target.run().await });
        outcome.await.unwrap_or_else(|unexpected| unexpected)
    }
}

/// Returns a `Down` outcome for an error of a request. A certificate that is not accepted has a reason, but no kind.
fn outcome_from_request_error(error: &(dyn Error + 'static)) -> Outcome {
    let is_certificate_error =
        |error: &(dyn Error + 'static)| matches!(error.downcast_ref(), Some(rustls::Error::InvalidCertificate(_)));
    if chain(error).any(is_certificate_error) {
        Outcome::failed_as("certificate is not accepted", error)
    } else {
        outcome_from_error(error)
    }
}

builtin_check!(Http, external: true);
partial_debug!(Http, |http| request: &http.flight.target().probe.request);
