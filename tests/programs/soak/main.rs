//! A service with checks of every type and tasks that fail at random, with new faults each second, for the soak test.
//!
//! `DEADLINE_MS` is its deadline, and `SEED` decides the faults.

mod checks;
mod consumers;
mod faults;

use std::convert::Infallible;
use std::error::Error;
use std::future::ready;
use std::sync::Arc;
use std::time::Duration;

use actix_web::{App, HttpServer, web};
use health_runtime::{Health, HealthBuilder};
use health_tests::panics;
use health_tests::random::Random;
use tokio::runtime::Handle;
use tokio::time::sleep;

use crate::checks::{ReportedStatus, made};
use crate::faults::{Faults, ON_PURPOSE};

/// Switches the faults forever.
async fn switch(health: Health, faults: Arc<Faults>, mut random: Random) -> Result<Infallible, Box<dyn Error>> {
    let mut reported = ["reported", "reported-often"].map(|name| (name, ReportedStatus::new(&health, name)));
    loop {
        for _ in 0..4 {
            for (name, reported_status) in &mut reported {
                reported_status.report(faults.fault_of(name))?;
            }
            sleep(Duration::from_millis(250)).await;
        }
        faults.switch(&mut random);
    }
}

#[actix_web::main]
async fn main() -> Result<(), Box<dyn Error>> {
    panics::expect(ON_PURPOSE);
    let number = |name: &str| -> Result<u64, Box<dyn Error>> { Ok(std::env::var(name)?.parse()?) };
    let random = Random::seeded(number("SEED")?);
    let faults = Arc::<Faults>::default();
    let builder = Health::builder()
        .version("1.0.0")
        .shared_state(Arc::clone(&faults))
        .deadline(Duration::from_millis(number("DEADLINE_MS")?))
        .watch_workers(Duration::from_secs(10))
        .check(consumers::check());
    let health = made(&faults).into_iter().fold(builder, HealthBuilder::check).start()?;
    let listener = health.listen("127.0.0.1:0", |service| service)?;

    consumers::start(&health, &faults)?;
    let switching = tokio::task::spawn_local(switch(health.clone(), faults, random));
    let checks = Handle::current();
    let server = HttpServer::new(move || {
        let checks = checks.clone();
        let tasks = move || ready(checks.metrics().num_alive_tasks().to_string());
        App::new().service(health.service()).route("/tasks", web::get().to(tasks))
    })
    .workers(2)
    .bind(("127.0.0.1", 0))?;
    let address = server.addrs().first().copied().ok_or("no address")?;
    println!("{address} {}", listener.local_addr());
    tokio::select! {
        served = server.run() => Ok(served?),
        failed = switching => match failed? {
            Ok(never) => match never {},
            Err(error) => Err(error),
        },
    }
}
