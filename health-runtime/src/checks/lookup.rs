//! The addresses behind a name, and a connection to one of them.

use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::thread;

use tokio::net::TcpStream;
use tokio::sync::oneshot;

/// The addresses that the system's resolver knows for `host`, which may be an address itself.
///
/// The resolver blocks. On tokio's blocking pool one that hangs would keep the process from exiting.
pub(super) async fn addresses(host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
    let (done, answer) = oneshot::channel();
    let asked = (host.to_owned(), port);
    thread::Builder::new().name("health:lookup".to_owned()).spawn(move || {
        let answer = asked.to_socket_addrs().map(Iterator::collect);
        // Nobody waits any more where the run was cut off.
        let _ = done.send(answer);
    })?;
    answer.await.unwrap_or_else(|gone| Err(io::Error::other(gone)))
}

/// A connection to the first of the addresses that takes one.
pub(super) async fn connect(host: &str, port: u16) -> io::Result<TcpStream> {
    let mut refused = io::Error::new(io::ErrorKind::NotFound, format!("`{host}` has no address"));
    for address in addresses(host, port).await? {
        match TcpStream::connect(address).await {
            Ok(stream) => return Ok(stream),
            Err(error) => refused = error,
        }
    }
    Err(refused)
}
