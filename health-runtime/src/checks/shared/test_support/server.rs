//! A TCP server that a test scripts.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

/// Longer than any exchange takes, so that a test which waits in vain fails instead of hanging.
const READ_TIMEOUT: Duration = Duration::from_secs(30);

/// An address with no listener: the port of a service that has been obsolete for decades.
pub(in crate::checks) const UNUSED_ADDRESS: &str = "127.0.0.1:1";

/// A server on a free port of 127.0.0.1.
pub(in crate::checks) struct FakeServer {
    address: SocketAddr,
    connections: Arc<AtomicUsize>,
}

impl FakeServer {
    /// Starts a server that calls `serve` for each connection, on a new thread, with a number that starts at 1.
    pub(in crate::checks) fn start(serve: impl Fn(usize, Connection) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let connections = Arc::<AtomicUsize>::default();
        let (serve, count) = (Arc::new(serve), Arc::clone(&connections));
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let number = count.fetch_add(1, Ordering::SeqCst) + 1;
                stream.set_read_timeout(Some(READ_TIMEOUT)).expect("a timeout");
                let serve = Arc::clone(&serve);
                thread::spawn(move || serve(number, Connection(BufReader::new(stream))));
            }
        });
        Self { address, connections }
    }

    pub(in crate::checks) fn address(&self) -> String {
        self.address.to_string()
    }

    /// Counts the connections that were accepted.
    pub(in crate::checks) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

/// The server's end of one connection.
pub(in crate::checks) struct Connection(BufReader<TcpStream>);

impl Connection {
    /// Reads a line and returns it without its end, or `None` when the client has closed.
    pub(in crate::checks) fn read_line(&mut self) -> Option<String> {
        let mut line = String::new();
        let count = self.0.read_line(&mut line).ok()?;
        (count > 0).then(|| line.trim_end().to_owned())
    }

    /// Sends bytes, and ignores a client that has closed.
    pub(in crate::checks) fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.try_send(bytes);
    }

    /// Sends bytes and returns whether the client was still connected.
    pub(in crate::checks) fn try_send(&mut self, bytes: impl AsRef<[u8]>) -> bool {
        self.0.get_mut().write_all(bytes.as_ref()).is_ok()
    }
}

#[test]
fn a_server_reads_lines_and_responds() {
    let server = FakeServer::start(|number, mut connection| {
        while let Some(line) = connection.read_line() {
            connection.send(format!("{number} {line}\n"));
        }
    });
    let mut client = BufReader::new(TcpStream::connect(server.address()).unwrap());
    client.get_mut().write_all(b"hello\r\n").unwrap();
    let mut line = String::new();
    client.read_line(&mut line).unwrap();
    assert_eq!((line.as_str(), server.connections()), ("1 hello\n", 1));
    assert!(TcpStream::connect(UNUSED_ADDRESS).is_err());
}
