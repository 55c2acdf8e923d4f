//! A proxy that counts connections and bytes, and can delay, hold or cut them.

use std::io;
use std::net::{self, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::time::sleep;

use super::free_port;

/// The maximum number of concurrent connections. Others wait.
const CONNECTIONS: usize = 256;

/// The cost of clients for a server.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// The opened connections.
    pub connections: u64,
    /// The round trips: bytes of a client followed by bytes of the server. A greeting of the server is not one.
    pub round_trips: u64,
    /// The bytes from clients to the server.
    pub to_server: u64,
    /// The bytes from the server to clients.
    pub from_server: u64,
}

/// A proxy in front of a server, with a port and a thread, until it is dropped. If the server refuses a connection, the
/// proxy has already accepted it and closes it.
#[derive(Debug)]
pub struct Counting {
    address: SocketAddr,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    server: Mutex<SocketAddr>,
    counts: Mutex<Counts>,
    flow: watch::Sender<Flow>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flow {
    Open,
    /// Each transfer waits for this long.
    Slow(Duration),
    Held,
    Cut,
    Ended,
}

impl Counting {
    /// Starts a proxy in front of `server`.
    #[must_use]
    pub fn start(server: SocketAddr) -> Self {
        let listener = net::TcpListener::bind(("127.0.0.1", free_port())).expect("a port");
        let address = listener.local_addr().expect("an address");
        listener.set_nonblocking(true).expect("a listener that does not block");
        let shared =
            Arc::new(Shared { server: Mutex::new(server), counts: Mutex::default(), flow: watch::Sender::new(Flow::Open) });
        let proxy = Arc::clone(&shared);
        let thread = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async {
                let mut flow = proxy.flow.subscribe();
                tokio::select! {
                    () = serve(listener, &proxy) => {}
                    _ = flow.wait_for(|flow| *flow == Flow::Ended) => {}
                }
            });
        });
        Self { address, shared, thread: Some(thread) }
    }

    /// Returns its address.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the counts so far.
    #[must_use]
    pub fn counts(&self) -> Counts {
        *self.shared.counts.lock().unwrap()
    }

    /// Connects new clients to another server. Those of the old one stay connected.
    pub fn forward_to(&self, server: SocketAddr) {
        *self.shared.server.lock().unwrap() = server;
    }

    /// Accepts connections and bytes, and forwards nothing until [`open`](Self::open).
    pub fn hold(&self) {
        self.shared.flow.send_replace(Flow::Held);
    }

    /// Delays each transfer, in either direction, until [`open`](Self::open).
    pub fn slow(&self, delay: Duration) {
        self.shared.flow.send_replace(Flow::Slow(delay));
    }

    /// Closes every connection and each new one until [`open`](Self::open).
    pub fn cut(&self) {
        self.shared.flow.send_replace(Flow::Cut);
    }

    /// Forwards again.
    pub fn open(&self) {
        self.shared.flow.send_replace(Flow::Open);
    }
}

impl Drop for Counting {
    fn drop(&mut self) {
        self.shared.flow.send_replace(Flow::Ended);
        if let Some(thread) = self.thread.take() {
            let _ended = thread.join();
        }
    }
}

async fn serve(listener: net::TcpListener, shared: &Arc<Shared>) {
    let listener = TcpListener::from_std(listener).expect("a listener");
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let place = Arc::clone(&places).acquire_owned().await.expect("places are never closed");
        let Ok((client, _)) = listener.accept().await else { continue };
        let shared = Arc::clone(shared);
        tokio::spawn(async move {
            let _place = place;
            shared.counts.lock().unwrap().connections += 1;
            let mut flow = shared.flow.subscribe();
            tokio::select! {
                biased;
                _ = flow.wait_for(|flow| *flow == Flow::Cut) => {}
                _ = connection(client, &shared) => {}
            }
        });
    }
}

async fn connection(mut client: TcpStream, shared: &Shared) -> io::Result<()> {
    let server = *shared.server.lock().unwrap();
    let mut server = TcpStream::connect(server).await?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let (from_client, to_client) = client.split();
    let (from_server, to_server) = server.split();
    let awaiting = AtomicBool::new(false);
    let count_request = |counts: &mut Counts, bytes| {
        counts.to_server += bytes;
        awaiting.store(true, Ordering::Relaxed);
    };
    let count_response = |counts: &mut Counts, bytes| {
        counts.from_server += bytes;
        counts.round_trips += u64::from(awaiting.swap(false, Ordering::Relaxed));
    };
    tokio::try_join!(pass(from_client, to_server, shared, count_request), pass(from_server, to_client, shared, count_response))
        .map(drop)
}

/// Counts before it forwards, so that a client with a response finds it counted.
async fn pass(
    mut from: ReadHalf<'_>,
    mut to: WriteHalf<'_>,
    shared: &Shared,
    count: impl Fn(&mut Counts, u64),
) -> io::Result<()> {
    let mut flow = shared.flow.subscribe();
    let mut buffer = vec![0; 16_384];
    loop {
        let bytes = from.read(&mut buffer).await?;
        let passes = flow.wait_for(|flow| matches!(flow, Flow::Open | Flow::Slow(_))).await.map(|flow| *flow);
        if let Ok(Flow::Slow(delay)) = passes {
            sleep(delay).await;
        }
        if bytes == 0 {
            return to.shutdown().await;
        }
        count(&mut shared.counts.lock().unwrap(), bytes as u64);
        to.write_all(&buffer[..bytes]).await?;
    }
}
