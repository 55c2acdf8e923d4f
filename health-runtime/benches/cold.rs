//! One probe over HTTP of a thousand checks that have not run before, each of which takes 50 ms, in real time. Prints the median.

use std::error::Error;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use health_runtime::{Check, Health, HealthBuilder};
use tokio::runtime::Builder;
use tokio::time::sleep;

const ROUNDS: usize = 11;
const CHECKS: usize = 1_000;

/// Returns the time from the connect to the end of the response.
fn round() -> Result<Duration, Box<dyn Error>> {
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let _entered = runtime.enter();
    let check = |number| Check::readiness(format!("check-{number}"), || sleep(Duration::from_millis(50)));
    let health = (0..CHECKS).map(check).fold(Health::builder().linked_checks(false), HealthBuilder::check).start()?;
    let listener = health.listen("127.0.0.1:0", |service| service)?;
    let began = Instant::now();
    let mut stream = TcpStream::connect(listener.local_addr())?;
    stream.write_all(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n")?;
    let mut response = String::new();
    stream.read_to_string(&mut response)?;
    let duration = began.elapsed();
    if response.starts_with("HTTP/1.1 200 ") { Ok(duration) } else { Err(response.into()) }
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut rounds = (0..ROUNDS).map(|_| round()).collect::<Result<Vec<_>, _>>()?;
    rounds.sort();
    println!("a probe of {CHECKS} cold checks of 50 ms takes {:?}", rounds[ROUNDS / 2]);
    Ok(())
}
