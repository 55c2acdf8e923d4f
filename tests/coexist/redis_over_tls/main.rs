//! The client of Redis over TLS, with rustls as it ships.

use std::io::{Read, Write};
use std::net::TcpListener;

fn main() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    std::thread::spawn(move || {
        for mut client in listener.incoming().map_while(Result::ok) {
            let _ = client.read(&mut [0; 4096]);
            let _ = client.write_all(b"this is not TLS\n");
        }
    });
    let url = format!("rediss://127.0.0.1:{port}/");
    us::start(&url);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let client = redis::Client::open(url).expect("a client");
        let error = client.get_multiplexed_async_connection().await.map(drop).expect_err("the server has no TLS");
        println!("{error}");
    });
    // The client of Redis installs it at its first connection, with or without a check.
    let default = rustls::crypto::CryptoProvider::get_default().expect("a default");
    println!("suites: {:?}", default.cipher_suites);
    println!("versions: {:?}", rustls::DEFAULT_VERSIONS);
}
