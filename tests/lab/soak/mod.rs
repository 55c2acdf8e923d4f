//! A service is probed as fast as it answers, for a minute or for `SOAK_SECONDS`, while its checks go wrong at random, anew each
//! second. Every answer is right and in time, and what the process holds stays what it was. `lab/SOAK.md` says how it went
//! for ten minutes.
//!
//! `SOAK_SEED` repeats the faults of another time. `SOAK_MARGIN_MS` is how long behind the deadline the slowest answer may
//! come.

mod clients;
mod figures;
mod probes;

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use health_tests::program::Program;
use health_tests::random::Random;
use health_tests::{http, until};

use self::clients::{Load, Seen};
use self::figures::{Figures, Watch};

const PATIENCE: Duration = Duration::from_secs(30);
const DEADLINE: Duration = Duration::from_millis(300);

/// What the slowest answer may take beyond the deadline on a machine that has nothing else to do.
const PROMPT: Duration = Duration::from_millis(50);

/// The same beside other builds and without optimisation, where a thread may wait long for its turn. An answer that waited for
/// a check of 2 s would still be probed.
const MARGIN: Duration = Duration::from_secs(1);

/// On each of two ports: clients that probe everything, clients that probe what is prompt, and one that leaves.
const THOROUGH: usize = 6;
const HASTY: usize = 2;

/// The checks with a run, of which the second number is plain functions.
const CHECKS: usize = 11;
const PLAIN: usize = 2;

fn variable(name: &str) -> Option<u64> {
    Some(std::env::var(name).ok()?.parse().expect("a number"))
}

/// The service, where its application listens and where its own listener does.
fn start(seed: u64) -> (Program, [SocketAddr; 2]) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_soak"));
    command.env("SEED", seed.to_string()).env("DEADLINE_MS", DEADLINE.as_millis().to_string());
    let mut service = Program::start(&mut command);
    let addresses = service.line(PATIENCE, "it prints its addresses", |line| {
        let (app, own) = line.split_once(' ')?;
        Some([app.parse().ok()?, own.parse().ok()?])
    });
    (service, addresses)
}

/// Probes until it is over, and looks each quarter of a second at what the service holds.
fn soak(addresses: [SocketAddr; 2], load: &Load<'_>, length: Duration, seed: u64, watch: &mut Watch) -> Soaked {
    thread::scope(|scope| {
        let (mut probing, mut leaving) = (Vec::new(), Vec::new());
        for (address, port) in addresses.into_iter().zip(0..) {
            for client in 0..THOROUGH + HASTY {
                let probes = if client < THOROUGH { probes::ALL } else { probes::PROMPT };
                let random = Random::seeded(seed ^ (port << 32) ^ u64::try_from(client).unwrap());
                probing.push(scope.spawn(move || load.probe(address, probes, random)));
            }
            leaving.push(scope.spawn(move || load.leave(address)));
        }
        let comparing = scope.spawn(|| load.compare(addresses[0]));
        let ending = Ending(load.over);
        let (began, mut figures) = (Instant::now(), Vec::new());
        while began.elapsed() < length {
            thread::sleep(Duration::from_millis(250));
            figures.push(watch.look());
            if figures.len() % 240 == 0 {
                println!("{:?}: {} probes, {}", began.elapsed(), load.answered.load(Ordering::Relaxed), watch.look());
            }
        }
        drop(ending);
        let probed = probing.into_iter().map(|client| client.join().unwrap()).fold(Seen::default(), Seen::join);
        let left = leaving.into_iter().map(|client| client.join().unwrap()).sum();
        Soaked { figures, probed, left, compared: comparing.join().unwrap() }
    })
}

/// Ends the load, also when a look at the service fails: the scope would wait for the clients for ever.
struct Ending<'e>(&'e AtomicBool);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

struct Soaked {
    figures: Vec<Figures>,
    probed: Seen,
    left: usize,
    compared: Seen,
}

#[test]
fn random_faults_delay_no_response_and_leak_nothing() {
    let _running = crate::one_at_a_time();
    let length = Duration::from_secs(variable("SOAK_SECONDS").unwrap_or(60));
    let margin = variable("SOAK_MARGIN_MS").map_or(MARGIN, Duration::from_millis);
    let now = || u64::from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().subsec_nanos());
    let seed = variable("SOAK_SEED").unwrap_or_else(now);
    println!("seed {seed}, {length:?}");

    let (service, addresses) = start(seed);
    let mut watch = Watch::new(service.id(), addresses[0]);
    for address in addresses {
        until(PATIENCE, "it is ready", || (http::get(address, "/readyz").unwrap().status == 200).then_some(()));
    }
    let before = watch.look();
    println!("before: {before}");

    let (over, answered) = (AtomicBool::new(false), AtomicUsize::new(0));
    let load = Load { over: &over, answered: &answered, limit: DEADLINE + PROMPT };
    let Soaked { figures, probed, left, compared } = soak(addresses, &load, length, seed, &mut watch);

    // Allocators and lazily made tables have their size after a fifth.
    let warm = &figures[figures.len() / 5..];
    let quarter = warm.len() / 4;
    let (first, last) = (Figures::most(&warm[..quarter]), Figures::most(&warm[warm.len() - quarter..]));
    let most = Figures::most(&figures);
    let clients = 2 * (THOROUGH + HASTY) + 1;
    println!("probes: {probed}\nwithout checks: {compared}\n{left} clients left early");
    println!("first quarter at most: {first}\nlast quarter at most: {last}\nall the time at most: {most}");

    assert!(probed.mistakes.is_empty() && compared.mistakes.is_empty(), "{:#?}{:#?}", probed.mistakes, compared.mistakes);
    assert_eq!(probed.codes.keys().copied().collect::<Vec<_>>(), [200, 404, 503]);
    assert_eq!(probed.reasons, BTreeSet::from(probes::REASONS), "every fault was there");
    assert!(probed.answers() > 2_000 && left > 100, "{probed}; {left} left");

    let allowed = first.kilobytes + (first.kilobytes / 10).max(4_096);
    assert!(last.kilobytes <= allowed, "memory grew: {first}; {last}");
    // A thread that has ended may be seen beside the next one of its check.
    assert!(most.threads <= before.threads + 2 * PLAIN, "{before}; {most}");
    assert!(most.tasks <= before.tasks + CHECKS, "at most one run of each: {before}; {most}");
    // One who left is answered all the same, and is there until then.
    let leaving = 2 * usize::try_from((DEADLINE + margin).as_millis() / clients::PAUSE.as_millis()).unwrap();
    assert!(most.descriptors <= before.descriptors + clients + leaving, "{before}; {most}");

    let after =
        until(PATIENCE, "all connections are gone", || Some(watch.look()).filter(|now| now.descriptors <= before.descriptors));
    println!("after: {after}");
    assert!(after.tasks <= before.tasks + CHECKS, "{before}; {after}");
    assert!(probed.slowest <= DEADLINE + margin, "{probed}");
}
