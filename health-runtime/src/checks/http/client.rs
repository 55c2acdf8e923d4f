//! The client of checks that are given none.

use std::sync::Arc;

use reqwest::Client;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::redirect::Policy;
use rustls::crypto::ring;
use rustls::{ClientConfig, RootCertStore};
use rustls_native_certs::load_native_certs;

use crate::checks::shared::resolve::addresses;

const NAME: &str = concat!("health-runtime/", env!("CARGO_PKG_VERSION"));

/// One without limits of its own, which asks neither the environment for a proxy nor the process for its defaults. Where it has
/// no use for root certificates, none have to be there.
pub(super) fn own(needs_roots: bool) -> Result<Client, String> {
    let roots = roots().or_else(|mistake| if needs_roots { Err(mistake) } else { Ok(RootCertStore::empty()) })?;
    let tls = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| format!("no client can be made: {error}"))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Client::builder()
        .tls_backend_preconfigured(tls)
        .dns_resolver(Lookup)
        .redirect(Policy::none())
        .no_proxy()
        .http1_only()
        .pool_max_idle_per_host(1)
        .user_agent(NAME)
        .build()
        .map_err(|error| format!("no client can be made: {error}"))
}

/// The roots of the system, or those that the environment names.
fn roots() -> Result<RootCertStore, String> {
    let found = load_native_certs();
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(found.certs);
    if roots.is_empty() {
        let why = found.errors.first().map(|error| format!(" ({error})")).unwrap_or_default();
        return Err(format!("no root certificate is found{why}; install them, name them in `SSL_CERT_FILE`, or give a `client`"));
    }
    Ok(roots)
}

/// reqwest's own resolver would block a thread of tokio's pool.
struct Lookup;

impl Resolve for Lookup {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move { Ok(Box::new(addresses(name.as_str(), 0).await?.into_iter()) as Addrs) })
    }
}
