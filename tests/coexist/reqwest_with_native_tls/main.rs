//! reqwest with native-tls, in a program that uses HTTPS.

use std::error::Error;
use std::io::{Read, Write};
use std::net::TcpListener;

fn main() {
    us::start("redis://127.0.0.1:1/");
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    std::thread::spawn(move || {
        for mut client in listener.incoming().map_while(Result::ok) {
            let _ = client.read(&mut [0; 4096]);
            let _ = client.write_all(b"this is not TLS, and each back end has its own text for that\n");
        }
    });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let client = reqwest::Client::new();
        println!("{client:?}");
        let error = client.get(format!("https://127.0.0.1:{port}/")).send().await.expect_err("the server has no TLS");
        let mut cause: Option<&dyn Error> = Some(&error);
        while let Some(error) = cause {
            println!("{}", error.to_string().replace(&port.to_string(), "PORT"));
            cause = error.source();
        }
    });
}
