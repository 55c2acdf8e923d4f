//! One probe over HTTP of a thousand checks that have not run before, each of which takes 50 ms, in real time: relative to a server
//! that waits for a thousand tasks of 50 ms. Prints the medians.

use std::error::Error;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use health_runtime::{Check, Health, HealthBuilder};
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::task::JoinSet;
use tokio::time::sleep;

const ROUNDS: usize = 11;
const CHECKS: usize = 1_000;

const TAKES: Duration = Duration::from_millis(50);

fn runtime() -> std::io::Result<Runtime> {
    Builder::new_multi_thread().worker_threads(1).enable_all().build()
}

/// Returns the time from the connect to the end of the response.
fn probe(address: SocketAddr) -> Result<Duration, Box<dyn Error>> {
    let began = Instant::now();
    let mut stream = TcpStream::connect(address)?;
    stream.write_all(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n")?;
    let mut response = String::new();
    stream.read_to_string(&mut response)?;
    let duration = began.elapsed();
    if response.starts_with("HTTP/1.1 200 ") { Ok(duration) } else { Err(response.into()) }
}

fn of_checks() -> Result<Duration, Box<dyn Error>> {
    let runtime = runtime()?;
    let _entered = runtime.enter();
    let check = |number| Check::readiness(format!("check-{number}"), || sleep(TAKES));
    let health = (0..CHECKS).map(check).fold(Health::builder().linked_checks(false), HealthBuilder::check).start()?;
    let listener = health.listen("127.0.0.1:0", |service| service)?;
    probe(listener.local_addr())
}

/// Answers one request once as many tasks as there are checks have ended.
fn answer(listener: &TcpListener, runtime: &Handle) -> std::io::Result<()> {
    let (mut stream, _) = listener.accept()?;
    for line in BufReader::new(&stream).lines() {
        if line?.is_empty() {
            break;
        }
    }
    let tasks: JoinSet<()> = {
        let _entered = runtime.enter();
        (0..CHECKS).map(|_| sleep(TAKES)).collect()
    };
    runtime.block_on(tasks.join_all());
    stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
}

fn of_tasks() -> Result<Duration, Box<dyn Error>> {
    let runtime = runtime()?;
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let handle = runtime.handle().clone();
    let server = thread::spawn(move || answer(&listener, &handle));
    let duration = probe(address)?;
    server.join().map_err(|_| "the server panicked")??;
    Ok(duration)
}

fn median(mut rounds: Vec<Duration>) -> Duration {
    rounds.sort();
    rounds[rounds.len() / 2]
}

fn main() -> Result<(), Box<dyn Error>> {
    let rounds = (0..ROUNDS).map(|_| Ok((of_checks()?, of_tasks()?))).collect::<Result<(Vec<_>, Vec<_>), Box<dyn Error>>>()?;
    let (checks, tasks) = (median(rounds.0), median(rounds.1));
    let ratio = checks.div_duration_f64(tasks);
    println!("a probe of {CHECKS} cold checks of 50 ms takes {checks:?}, {ratio:.2} times as long as tasks that sleep so long");
    Ok(())
}
