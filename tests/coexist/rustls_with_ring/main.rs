//! rustls with one provider, without TLS 1.2, in a program that installs its own variant of the provider late.

use rustls::crypto::{CryptoProvider, ring};
use rustls::{ClientConfig, RootCertStore};

fn main() {
    us::start("redis://127.0.0.1:1/");
    println!("a default is installed: {}", CryptoProvider::get_default().is_some());
    let mut provider = ring::default_provider();
    provider.cipher_suites.truncate(1);
    println!("the program's one is installed: {}", provider.install_default().is_ok());
    let client = ClientConfig::builder().with_root_certificates(RootCertStore::empty()).with_no_client_auth();
    println!("suites: {:?}", client.crypto_provider().cipher_suites);
    println!("all suites: {:?}", ring::DEFAULT_CIPHER_SUITES);
    println!("versions: {:?}", rustls::DEFAULT_VERSIONS);
    // With the remaining provider the only one, it is certain.
    println!("key provider: {:?}", client.crypto_provider().key_provider);
}
