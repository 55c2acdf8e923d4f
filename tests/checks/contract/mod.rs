//! The rules of every check that talks to a server over the network. A check implements [`Networked`] and lists its rules in
//! [`contract!`], which makes a test of each.

mod names;

use std::net::SocketAddr;
use std::ops::DerefMut;
use std::time::{Duration, Instant};

use health_runtime::Run;
use health_tests::log::Log;
use health_tests::servers::{Counting, Daemon, PASSWORD};
use tracing::Level;
use tracing_subscriber::fmt::format::FmtSpan;

pub(crate) use self::names::{aged, moved, two_addresses};
use crate::probed::{PATIENT, Probed, down};

/// A password that no server accepts.
pub(crate) const WRONG: &str = "wr0ng-one";

/// The timeout of a run that is to be cancelled.
const HASTY: Duration = Duration::from_millis(5);

const PROBES: u32 = 1_000;

/// A check, and the server that it checks.
pub(crate) trait Networked {
    type Server: DerefMut<Target = Daemon>;
    type Check: Run + Clone;

    /// The timeout of a run that finishes.
    const TIMEOUT: Duration = PATIENT;

    /// The details of an entry that differ from one run to the next.
    const FIGURES: &'static [&'static str] = &[];

    /// How many connections a server that is frozen after a good run gets.
    const WHILE_FROZEN: usize = 0;

    fn start() -> Self::Server;

    /// Creates a check of the server, which listens at this address or behind it.
    fn check(server: &Self::Server, address: SocketAddr) -> Self::Check;

    /// Returns what a probe finds while the server runs.
    fn up(server: &Self::Server) -> (u16, String);
}

/// A check of a server that asks for a password.
pub(crate) trait Authenticated: Networked {
    /// Starts a server that asks for a password.
    fn start_with_password() -> Self::Server {
        Self::start()
    }

    /// Creates checks with a wrong password and without one.
    fn without_access(server: &Self::Server) -> Vec<Self::Check>;
}

/// A check whose runs cost a fixed number of connections and round trips.
pub(crate) trait Counted: Networked {
    /// The connections and round trips of the first three runs.
    const COSTS: [(u64, u64); 3];
}

/// A check that finds its server by a name.
pub(crate) trait Named: Networked {
    /// Creates a check of what listens at this port of this host.
    fn check_by_name(host: &str, port: u16) -> Self::Check;
}

/// A check that keeps its connection.
pub(crate) trait Kept: Networked {
    /// A response that no healthy server of the name gives.
    const UNEXPECTED: &'static [u8];
}

/// Makes a test of each rule: `contract!(RedisCheck: restarts, frozen_later, password)`.
macro_rules! contract {
    ($check:ty: $($rule:ident),+) => {
        $($crate::contract::contract!(@$rule $check);)+
    };
    (@restarts $check:ty) => {
        #[tokio::test(flavor = "multi_thread")]
        async fn a_stopped_server_is_down_until_it_restarts() {
            $crate::contract::restarts::<$check>().await;
        }
    };
    (@frozen_later $check:ty) => {
        #[tokio::test(flavor = "multi_thread")]
        async fn a_server_that_freezes_holds_one_connection() {
            $crate::contract::frozen_later::<$check>().await;
        }
    };
    (@frozen_from_the_start $check:ty) => {
        #[tokio::test(flavor = "multi_thread")]
        async fn a_server_frozen_from_the_start_gets_one_connection() {
            $crate::contract::frozen_from_the_start::<$check>().await;
        }
    };
    (@password $check:ty) => {
        #[tokio::test(flavor = "multi_thread")]
        async fn a_wrong_or_missing_password_is_down_and_never_shown() {
            if health_tests::alone::in_process(health_tests::test_name!()) {
                $crate::contract::password::<$check>().await;
            }
        }
    };
    (@two_addresses $check:ty) => {
        #[tokio::test(flavor = "multi_thread")]
        async fn an_address_that_drops_packets_delays_the_next_one_and_no_more() {
            if health_tests::alone::among_mounts(health_tests::test_name!()) {
                $crate::contract::two_addresses::<$check>().await;
            }
        }
    };
    (@moved $check:ty) => {
        #[tokio::test(flavor = "multi_thread")]
        async fn a_kept_connection_to_a_server_that_the_name_has_left_is_replaced() {
            $crate::contract::moved::<$check>().await;
        }
    };
    (@aged $check:ty) => {
        // One thread, for the clock.
        #[tokio::test]
        async fn a_kept_connection_is_replaced_after_30_seconds() {
            $crate::contract::aged::<$check>().await;
        }
    };
    (@cost $check:ty) => {
        /// The documentation of the checks has this table.
        #[tokio::test(flavor = "multi_thread")]
        async fn cost_of_a_run() {
            $crate::contract::cost::<$check>().await;
        }
    };
}
pub(crate) use contract;

fn probed<N: Networked>(check: N::Check) -> Probed {
    Probed::with_timeout(check, N::TIMEOUT).masking(N::FIGURES)
}

pub(crate) async fn restarts<N: Networked>() {
    let mut server = N::start();
    let up = N::up(&server);
    let health = probed::<N>(N::check(&server, server.address()));
    for _ in 0..2 {
        assert_eq!(health.probe().await, up);
        server.stop();
        assert_eq!(health.probe().await, down("connection refused"), "the first probe after the stop");
        assert_eq!(health.probe().await, down("connection refused"));
        server.restart();
        assert_eq!(health.probe().await, up, "the first probe after the restart");
        // This breaks the connection, and no run notices it in between.
        server.restart();
        assert_eq!(health.probe().await, up);
    }
}

pub(crate) async fn frozen_later<N: Networked>() {
    let mut server = N::start();
    let up = N::up(&server);
    let check = N::check(&server, server.address());
    let health = probed::<N>(check.clone());
    assert_eq!(health.probe().await, up);
    probe_frozen(&mut server, check, N::WHILE_FROZEN).await;
    assert_eq!(health.probe().await, up);
}

pub(crate) async fn frozen_from_the_start<N: Networked>() {
    let mut server = N::start();
    let up = N::up(&server);
    let check = N::check(&server, server.address());
    probe_frozen(&mut server, check.clone(), 1).await;
    assert_eq!(probed::<N>(check).probe().await, up);
}

/// Runs in its own process, because it reads the log of the process.
pub(crate) async fn password<N: Authenticated>() {
    let log = Log::of_process(Level::TRACE, FmtSpan::NONE);
    let server = N::start_with_password();
    for check in N::without_access(&server) {
        let health = probed::<N>(check);
        assert_eq!(health.probe().await, down("authentication failed"));
        health.assert_secret(&log, [WRONG, PASSWORD]).await;
    }
}

pub(crate) async fn cost<N: Counted>() {
    let server = N::start();
    let proxy = Counting::start(server.address());
    let health = probed::<N>(N::check(&server, proxy.address()));
    assert_eq!(health.costs(&proxy, 200).await, N::COSTS);
    proxy.cut();
    assert_eq!(health.probe().await.0, 503);
    proxy.open();
    assert_eq!(health.costs(&proxy, 200).await, N::COSTS, "after a broken connection");
}

/// Freezes a server, probes it a thousand times with a short timeout, and thaws it. All probes together may add this many
/// connections to those that the server has.
pub(crate) async fn probe_frozen(server: &mut Daemon, check: impl Run, more: usize) {
    let health = Probed::with_timeout(check, HASTY);
    server.freeze();
    let before = server.connections();
    let began = Instant::now();
    let mut timed_out = 0;
    for number in 1..=PROBES {
        let (code, entry) = health.probe().await;
        // On a busy machine a probe may find that the run before was not cancelled yet.
        let is_overdue = entry.contains("still running after");
        assert!(is_overdue || (code, &entry) == (503, &down("timed out after 5ms").1), "{entry}");
        timed_out += u32::from(!is_overdue);
        if number % 100 == 0 {
            // A query is abandoned after 10 s, and its connection with it, which a frozen server does not notice.
            let now = server.connections();
            let abandoned = usize::try_from(began.elapsed().as_secs() / 10).unwrap();
            assert!(now <= before + more + abandoned, "{before} connections became {now} after {number} probes");
        }
    }
    assert!(timed_out > 0, "none timed out");
    server.thaw();
}
