//! Accepts connections, and bounds their number and lifetime.

use std::cell::RefCell;
use std::collections::{HashSet, VecDeque};
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::{sleep, timeout};

/// More than probers open, and few enough to leave file descriptors to the application.
const MAX_CONNECTIONS: usize = 256;

/// For the head of a request.
pub(in crate::adapters) const CLIENT_TIMEOUT: Duration = Duration::from_secs(5);

/// For a connection, from the moment when it is accepted.
const LIFETIME: Duration = Duration::from_secs(10);

/// The pause after an error, such as too many open files. Accepting again at once would occupy the thread.
const ERROR_PAUSE: Duration = Duration::from_millis(100);

/// The clients whose request is in progress. Shared by the tasks of one thread.
#[derive(Debug, Clone, Default)]
pub(in crate::adapters) struct Answering(Rc<RefCell<HashSet<SocketAddr>>>);

/// Marks the request of a client as in progress until it is dropped.
#[derive(Debug)]
pub(in crate::adapters) struct AnsweringGuard(Answering, SocketAddr);

impl Answering {
    pub(in crate::adapters) fn start(&self, client: SocketAddr) -> AnsweringGuard {
        self.0.borrow_mut().insert(client);
        AnsweringGuard(self.clone(), client)
    }

    fn contains(&self, client: SocketAddr) -> bool {
        self.0.borrow().contains(&client)
    }
}

impl Drop for AnsweringGuard {
    fn drop(&mut self) {
        let Self(Answering(clients), client) = self;
        clients.borrow_mut().remove(client);
    }
}

/// Accepts connections for ever, and serves each in a task. Run it in a `LocalSet`.
pub(in crate::adapters) async fn accept<F: Future + 'static>(
    listener: TcpListener,
    answering: Answering,
    serve: impl Fn(TcpStream, SocketAddr) -> F,
) {
    let (mut tasks, mut open) = (JoinSet::new(), OpenConnections { answering, oldest_first: VecDeque::new() });
    loop {
        while !open.make_room() {
            // Every connection has a request in progress. Each of them ends.
            tasks.join_next().await;
        }
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, client)) => {
                    let connection = serve(stream, client);
                    let task = tasks.spawn_local(async move { drop(timeout(LIFETIME, connection).await) });
                    open.oldest_first.push_back((client, task));
                }
                Err(_) => sleep(ERROR_PAUSE).await,
            },
            // Removes the result of a task that ended.
            Some(_) = tasks.join_next() => {}
        }
    }
}

struct OpenConnections {
    answering: Answering,
    oldest_first: VecDeque<(SocketAddr, AbortHandle)>,
}

impl OpenConnections {
    /// Makes room for one more connection, by closing the oldest one without a request in progress if necessary. Returns `false`
    /// if there is none.
    fn make_room(&mut self) -> bool {
        self.oldest_first.retain(|(_, task)| !task.is_finished());
        if self.oldest_first.len() < MAX_CONNECTIONS {
            return true;
        }
        let is_idle = |(client, _): &(SocketAddr, AbortHandle)| !self.answering.contains(*client);
        let Some((_, idle)) = self.oldest_first.iter().position(is_idle).and_then(|index| self.oldest_first.remove(index)) else {
            return false;
        };
        idle.abort();
        true
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use tokio::task::{JoinHandle, LocalSet, spawn_local};

    use super::*;

    fn client(number: usize) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], u16::try_from(number).unwrap()))
    }

    /// The greatest number of connections, none of which ends, and their tasks.
    fn full() -> (OpenConnections, Vec<JoinHandle<()>>) {
        let tasks: Vec<_> = (0..MAX_CONNECTIONS).map(|_| spawn_local(pending::<()>())).collect();
        let oldest_first = tasks.iter().enumerate().map(|(number, task)| (client(number), task.abort_handle())).collect();
        (OpenConnections { answering: Answering::default(), oldest_first }, tasks)
    }

    #[tokio::test]
    async fn the_oldest_connection_without_a_request_in_progress_is_closed_for_a_new_one() {
        let test = async {
            let (mut open, mut tasks) = full();
            let requests = [0, 1, 3].map(|number| open.answering.start(client(number)));
            for closed in [2, 4] {
                assert!(open.make_room());
                assert_eq!(open.oldest_first.len(), MAX_CONNECTIONS - 1);
                assert!((&mut tasks[closed]).await.unwrap_err().is_cancelled(), "{closed}");
                let task = spawn_local(pending::<()>());
                open.oldest_first.push_back((client(MAX_CONNECTIONS + closed), task.abort_handle()));
            }
            drop(requests);
            assert!(open.make_room());
            assert!((&mut tasks[0]).await.unwrap_err().is_cancelled(), "its request has ended");
            assert!([1, 3, 5].iter().all(|kept| !tasks[*kept].is_finished()));
        };
        LocalSet::new().run_until(test).await;
    }

    #[tokio::test]
    async fn there_is_no_room_while_every_connection_has_a_request_in_progress() {
        let test = async {
            let (mut open, tasks) = full();
            let mut requests: Vec<_> = (0..MAX_CONNECTIONS).map(|number| open.answering.start(client(number))).collect();
            assert!(!open.make_room());
            assert!(tasks.iter().all(|task| !task.is_finished()));
            requests.pop();
            tasks[7].abort();
            tokio::task::yield_now().await;
            assert!(open.make_room());
            assert_eq!(open.oldest_first.len(), MAX_CONNECTIONS - 1, "the one that ended makes the room");
        };
        LocalSet::new().run_until(test).await;
    }
}
