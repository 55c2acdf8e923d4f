//! For the tests: a server that says what a test wants, and an outcome in a line.
#![cfg(any(feature = "dns", feature = "http", feature = "memcached", feature = "redis", feature = "tcp", feature = "tls"))]

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use crate::core::model::outcome::{Cause, Outcome};

/// Longer than any answer takes, so that a test which waits in vain fails in place of hanging.
const PATIENCE: Duration = Duration::from_secs(30);

/// A server on a free port of 127.0.0.1.
pub(in crate::checks) struct Fake {
    address: SocketAddr,
    connections: Arc<AtomicUsize>,
}

impl Fake {
    /// Calls `serve` with every connection and its number, which begins at 1, on a thread of its own.
    pub(in crate::checks) fn start(serve: impl Fn(usize, Talk) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let connections = Arc::<AtomicUsize>::default();
        let (serve, count) = (Arc::new(serve), Arc::clone(&connections));
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let number = count.fetch_add(1, Ordering::SeqCst) + 1;
                stream.set_read_timeout(Some(PATIENCE)).expect("a limit");
                let serve = Arc::clone(&serve);
                thread::spawn(move || serve(number, Talk(BufReader::new(stream))));
            }
        });
        Self { address, connections }
    }

    pub(in crate::checks) fn address(&self) -> String {
        self.address.to_string()
    }

    /// How many connections it has taken so far.
    pub(in crate::checks) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

/// One connection to it.
pub(in crate::checks) struct Talk(BufReader<TcpStream>);

impl Talk {
    /// The next line, without its end. `None` when the client has closed.
    pub(in crate::checks) fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        let count = self.0.read_line(&mut line).ok()?;
        (count > 0).then(|| line.trim_end().to_owned())
    }

    pub(in crate::checks) fn say(&mut self, bytes: impl AsRef<[u8]>) {
        // The client may be gone.
        self.tell(bytes);
    }

    /// Says it, where the client is still there to hear it.
    pub(in crate::checks) fn tell(&mut self, bytes: impl AsRef<[u8]>) -> bool {
        self.0.get_mut().write_all(bytes.as_ref()).is_ok()
    }
}

/// An address where nothing listens: the port of a service that has been out of use for decades.
pub(in crate::checks) const NOWHERE: &str = "127.0.0.1:1";

/// The outcome in a line: its status, what every reader sees of its reason, and its details.
pub(in crate::checks) fn told(outcome: &Outcome) -> String {
    let reason = match &outcome.cause {
        None => String::new(),
        Some(Cause::Message(reason)) => format!(": {reason}"),
        Some(Cause::Error(failure)) => format!(": {}", failure.public),
    };
    let details = outcome.details.iter().map(|detail| format!(", {} {}", detail.key, detail.value));
    format!("{:?}{reason}{}", outcome.status, details.collect::<String>())
}

/// The text of the error that it failed with.
pub(in crate::checks) fn chain(outcome: &Outcome) -> &str {
    match &outcome.cause {
        Some(Cause::Error(failure)) => &failure.masked_chain,
        other => panic!("no error, but {other:?}"),
    }
}
