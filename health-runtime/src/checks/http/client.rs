//! The default client of the check.

use std::sync::Arc;

use reqwest::Client;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::redirect::Policy;
use rustls::crypto::ring;
use rustls::{ClientConfig, RootCertStore};
use rustls_native_certs::load_native_certs;

use crate::checks::shared::resolve;

const USER_AGENT: &str = concat!("health-runtime/", env!("CARGO_PKG_VERSION"));

/// Creates a client without time limits, which uses neither a proxy of the environment nor a default of the process. Unless it
/// needs root certificates, the system may have none.
pub(super) fn default_client(needs_roots: bool) -> Result<Client, String> {
    let roots = roots().or_else(|problem| if needs_roots { Err(problem) } else { Ok(RootCertStore::empty()) })?;
    let tls = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| format!("cannot create an HTTP client: {error}"))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Client::builder()
        .tls_backend_preconfigured(tls)
        .dns_resolver(Resolver)
        .redirect(Policy::none())
        .no_proxy()
        .http1_only()
        .pool_max_idle_per_host(1)
        .user_agent(USER_AGENT)
        .build()
        .map_err(|error| format!("cannot create an HTTP client: {error}"))
}

/// Loads the root certificates of the system, or those that the environment names.
fn roots() -> Result<RootCertStore, String> {
    let loaded = load_native_certs();
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(loaded.certs);
    if roots.is_empty() {
        let reason = loaded.errors.first().map(|error| format!(" ({error})")).unwrap_or_default();
        return Err(format!("no root certificates found{reason}; install them, set `SSL_CERT_FILE`, or set `client`"));
    }
    Ok(roots)
}

/// Resolves on a dedicated thread. The default resolver of reqwest blocks a thread of tokio's pool.
struct Resolver;

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move { Ok(Box::new(resolve(name.as_str(), 0).await?.into_iter()) as Addrs) })
    }
}
