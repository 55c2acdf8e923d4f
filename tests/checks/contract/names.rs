//! The rules for names: a name may have several addresses, and lead to another server later.

use std::fs;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, ToSocketAddrs};
use std::path::Path;
use std::time::Duration;

use health_tests::alone::Mount;
use health_tests::folder::Folder;
use health_tests::servers::Relay;
use health_tests::until;
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;

use super::{Kept, Named, Networked, probed};
use crate::probed::Probed;

/// After this time the system has dropped a connection attempt.
const DROPPED: Duration = Duration::from_secs(1);

/// The addresses of a name with two, in their order.
const SILENT: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const RESPONDING: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 66));

/// Runs among its own mounts, because it changes `/etc/hosts`. The first address of the name has a listener whose queue is full,
/// so that the system drops further connections.
pub(crate) async fn two_addresses<N: Named>() {
    let server = N::start();
    let silent = TcpSocket::new_v4().unwrap();
    silent.bind(SocketAddr::from((SILENT, 0))).unwrap();
    let port = silent.local_addr().unwrap().port();
    let silent = silent.listen(1).unwrap();
    let mut queue = Vec::new();
    while let Ok(connected) = timeout(DROPPED, TcpStream::connect((SILENT, port))).await {
        queue.push(connected.unwrap());
    }
    let relay = Relay::start(TcpListener::bind((RESPONDING, port)).unwrap(), server.address());
    let folder = Folder::new();
    let hosts = folder.path().join("hosts");
    fs::write(&hosts, format!("{SILENT} two.test\n{RESPONDING} two.test\n")).unwrap();
    let _mount = Mount::new(&["--bind".as_ref(), hosts.as_os_str()], Path::new("/etc/hosts"));
    let resolved: Vec<_> = ("two.test", port).to_socket_addrs().unwrap().map(|address| address.ip()).collect();
    assert_eq!(resolved, [SILENT, RESPONDING], "the resolver keeps the order of the file");
    let health = probed::<N>(N::check_by_name("two.test", port));
    for _ in 0..2 {
        assert_eq!(health.probe().await.0, 200);
    }
    // A check that only connects is up before the relay has accepted.
    until(Duration::from_mins(1), "a connection to the address that responds", || (relay.connections() > 0).then_some(()));
    drop((silent, queue));
}

/// Starts a server behind a relay, and returns what a probe finds.
fn relayed<N: Networked>() -> (N::Server, Relay, Probed, (u16, String)) {
    let server = N::start();
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = listener.local_addr().unwrap();
    let relay = Relay::start(listener, server.address());
    let (health, up) = (probed::<N>(N::check(&server, address)), N::up(&server));
    (server, relay, health, up)
}

pub(crate) async fn moved<N: Kept>() {
    let (_server, relay, health, up) = relayed::<N>();
    for moves in 0..3 {
        for _ in 0..2 {
            assert_eq!((health.probe().await, relay.connections()), (up.clone(), 1 + moves));
        }
        relay.move_name(N::UNEXPECTED);
    }
}

/// Runs against the clock of the machine, but for the time between the probes.
pub(crate) async fn aged<N: Kept>() {
    let (_server, relay, health, up) = relayed::<N>();
    for connections in 1..=3 {
        for age in [Duration::ZERO, Duration::from_secs(20)] {
            let found = advance_and(age, health.probe()).await;
            assert_eq!((found, relay.connections()), (up.clone(), connections), "after {age:?}");
        }
        advance_and(Duration::from_secs(10), async {}).await;
    }
}

async fn advance_and<T>(time: Duration, then: impl Future<Output = T>) -> T {
    tokio::time::pause();
    tokio::time::advance(time).await;
    tokio::time::resume();
    then.await
}
