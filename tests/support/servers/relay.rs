//! A relay in front of a server, which records requests, and whose open connections can be answered by another server.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// Relays connections to a server, for as long as the process lives.
#[derive(Debug)]
pub struct Relay(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    connections: usize,
    /// What clients sent to the server, of all connections.
    sent: Vec<u8>,
    /// What the connections up to this number get instead of a response of the server.
    moved: Option<(usize, &'static [u8])>,
}

impl Relay {
    /// Starts one that accepts connections at this listener.
    #[must_use]
    pub fn start(listener: TcpListener, server: SocketAddr) -> Self {
        let state = Arc::<Mutex<State>>::default();
        let relay = Self(Arc::clone(&state));
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let state = Arc::clone(&state);
                let number = {
                    let mut state = lock(&state);
                    state.connections += 1;
                    state.connections
                };
                thread::spawn(move || relay_connection(client, server, number, &state));
            }
        });
        relay
    }

    /// Makes every connection that is open now respond with this to each request, as a server does that the name has left. New
    /// connections still lead to the server.
    pub fn move_name(&self, response: &'static [u8]) {
        let mut state = lock(&self.0);
        state.moved = Some((state.connections, response));
    }

    /// Returns what the clients sent to the server so far.
    #[must_use]
    pub fn sent(&self) -> Vec<u8> {
        lock(&self.0).sent.clone()
    }

    /// Returns the number of connections so far.
    #[must_use]
    pub fn connections(&self) -> usize {
        lock(&self.0).connections
    }
}

fn lock(state: &Mutex<State>) -> std::sync::MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

fn relay_connection(mut client: TcpStream, server: SocketAddr, number: usize, state: &Mutex<State>) -> io::Result<()> {
    let mut server = TcpStream::connect(server)?;
    let (mut responses, mut answered) = (server.try_clone()?, client.try_clone()?);
    thread::spawn(move || {
        let _ = io::copy(&mut responses, &mut answered);
        answered.shutdown(Shutdown::Both)
    });
    let mut request = [0; 16_384];
    loop {
        let count = client.read(&mut request)?;
        if count == 0 {
            return server.shutdown(Shutdown::Both);
        }
        let moved = {
            let mut state = lock(state);
            let moved = state.moved.filter(|(last, _)| number <= *last);
            if moved.is_none() {
                state.sent.extend(&request[..count]);
            }
            moved
        };
        match moved {
            Some((_, response)) => client.write_all(response)?,
            None => server.write_all(&request[..count])?,
        }
    }
}
