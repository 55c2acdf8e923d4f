//! TLS with the root certificates of the system.

use std::sync::Arc;

use rustls::{ClientConfig, RootCertStore};
use rustls_native_certs::load_native_certs;
use tokio_rustls::TlsConnector;

use crate::checks::shared::crypto_provider;

/// Creates a connector for HTTP/1.1 that verifies certificates.
pub(super) fn connector() -> Result<TlsConnector, String> {
    let mut config = ClientConfig::builder_with_provider(crypto_provider()?)
        .with_safe_default_protocol_versions()
        .map_err(|error| format!("the TLS provider of this program cannot be used: {error}"))?
        .with_root_certificates(roots()?)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsConnector::from(Arc::new(config)))
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
