//! rustls with its default features, in a program that relies on the provider that they make certain.

use rustls::crypto::CryptoProvider;
use rustls::{ClientConfig, RootCertStore, ServerConfig};

fn main() {
    us::start("redis://127.0.0.1:1/");
    println!("a default is installed: {}", CryptoProvider::get_default().is_some());
    let client = ClientConfig::builder().with_root_certificates(RootCertStore::empty()).with_no_client_auth();
    let _server = ServerConfig::builder().with_no_client_auth();
    let provider = client.crypto_provider();
    println!("suites: {:?}", provider.cipher_suites);
    println!("groups: {:?}", provider.kx_groups.iter().map(|group| group.name()).collect::<Vec<_>>());
    println!("key provider: {:?}", provider.key_provider);
    println!("versions: {:?}", rustls::DEFAULT_VERSIONS);
}
