//! reqwest without TLS, in a program that uses plain HTTP.

use std::error::Error;
use std::io::{Read, Write};
use std::net::TcpListener;

fn main() {
    us::start("redis://127.0.0.1:1/");
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        for mut client in listener.incoming().map_while(Result::ok) {
            let _ = client.read(&mut [0; 4096]);
            let _ = client.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\nconnection: close\r\n\r\nhello");
        }
    });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let client = reqwest::Client::new();
        println!("{client:?}");
        let response = client.get(format!("http://{address}/")).send().await.expect("a response");
        println!("{} {:?}", response.status(), response.text().await);
        let error = client.get("https://127.0.0.1:1/").send().await.expect_err("there is no TLS");
        let mut cause: Option<&dyn Error> = Some(&error);
        while let Some(error) = cause {
            println!("{error}");
            cause = error.source();
        }
    });
}
