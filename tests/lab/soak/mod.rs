//! A service is probed as fast as it responds, for a minute or for `SOAK_SECONDS`, while its checks and its tasks fail at random,
//! with new faults each second. Every response is correct, and the process does not grow. `lab/SOAK.md` has the result of ten minutes.
//!
//! `SOAK_SEED` repeats the faults of an earlier run. On a machine without other load, `SOAK_MARGIN_MS` is how long after the
//! deadline the slowest response may come.

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

const PATIENCE: Duration = Duration::from_mins(2);
const DEADLINE: Duration = Duration::from_millis(300);

/// The time after the deadline that the slowest response may take on an idle machine.
const PROMPT: Duration = Duration::from_millis(50);

/// The clients on each of two ports that probe everything, and those that send only prompt probes.
const THOROUGH: usize = 6;
const HASTY: usize = 2;

/// The number of checks that run, and the number of plain functions among them.
const CHECKS: usize = 11;
const PLAIN: usize = 2;

/// The tasks under one heartbeat.
const CONSUMERS: usize = 4;

/// The responses after which every fault was there, on a machine of any speed.
const MIN_RESPONSES: usize = 2_000;

fn variable(name: &str) -> Option<u64> {
    Some(std::env::var(name).ok()?.parse().expect("a number"))
}

/// Starts the service and returns the addresses of its application and of its listener.
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

/// Probes for this long, and reads the resources of the service four times a second.
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
        while began.elapsed() < length || load.responded.load(Ordering::Relaxed) < MIN_RESPONSES {
            thread::sleep(Duration::from_millis(250));
            figures.push(watch.look());
            if figures.len() % 240 == 0 {
                println!("{:?}: {} probes, {}", began.elapsed(), load.responded.load(Ordering::Relaxed), watch.look());
            }
        }
        drop(ending);
        let probed = probing.into_iter().map(|client| client.join().unwrap()).fold(Seen::default(), Seen::join);
        let left = leaving.into_iter().map(|client| client.join().unwrap()).sum();
        Soaked { figures, probed, left, compared: comparing.join().unwrap() }
    })
}

/// Ends the load, also after a panic: otherwise the scope would wait for the clients forever.
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

    let (over, responded) = (AtomicBool::new(false), AtomicUsize::new(0));
    let load = Load { over: &over, responded: &responded, limit: DEADLINE + PROMPT };
    let Soaked { figures, probed, left, compared } = soak(addresses, &load, length, seed, &mut watch);

    // After a fifth of the time allocators and lazily created tables have their size.
    let warm = &figures[figures.len() / 5..];
    let quarter = warm.len() / 4;
    let (first, last) = (Figures::most(&warm[..quarter]), Figures::most(&warm[warm.len() - quarter..]));
    let most = Figures::most(&figures);
    println!("probes: {probed}\nwithout checks: {compared}\n{left} clients left early");
    println!("first quarter at most: {first}\nlast quarter at most: {last}\nall the time at most: {most}");

    assert!(probed.mistakes.is_empty() && compared.mistakes.is_empty(), "{:#?}{:#?}", probed.mistakes, compared.mistakes);
    assert_eq!(probed.codes.keys().copied().collect::<Vec<_>>(), [200, 404, 503]);
    assert_eq!(probed.reasons, BTreeSet::from(probes::REASONS), "every fault was there");

    let allowed = first.kilobytes + (first.kilobytes / 10).max(4_096);
    assert!(last.kilobytes <= allowed, "memory grew: {first}; {last}");
    // Threads that are ending may be counted together with the next one of their check.
    assert!(most.threads <= before.threads + 10 * PLAIN, "{before}; {most}");
    assert!(most.tasks <= before.tasks + CHECKS + CONSUMERS, "at most one run of each: {before}; {most}");
    let after =
        until(PATIENCE, "all connections are gone", || Some(watch.look()).filter(|now| now.descriptors <= before.descriptors));
    println!("after: {after}");
    assert!(after.tasks <= before.tasks + CHECKS + CONSUMERS, "{before}; {after}");
    if let Some(margin) = variable("SOAK_MARGIN_MS") {
        assert!(probed.slowest <= DEADLINE + Duration::from_millis(margin), "{probed}");
    }
}
