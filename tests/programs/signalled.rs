//! A service whose checks are switched over HTTP, for the tests that send it signals.
//!
//! `DRAIN_DELAY_MS` is its drain delay, and `PORT` its port. With `LOG=panics` each line of its log panics, with `LOG=hangs` the first
//! one never ends. An argument selects what it does besides or instead of serving:
//!
//! - `before-run`: opens its port only after the drain started.
//! - `abandoned`: drops its `Health` and its shutdown future, and keeps running.
//! - `one-of-two`: drops those of a second `Health`.
#![expect(clippy::unused_async, reason = "a check that only looks at memory is async too")]

use std::error::Error;
use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;
use std::{io, thread};

use actix_web::web::{self, Data, Path, Query};
use actix_web::{App, HttpResponse, HttpServer};
use health_runtime::{Health, Kind, Transitions, health_check};
use serde::Deserialize;
use tokio::runtime::Handle;
use tokio::time::sleep;
use tracing::Metadata;
use tracing_subscriber::fmt::MakeWriter;

/// Longer than any check takes on a busy machine.
const LONG: Duration = Duration::from_mins(10);

/// The switches of the checks and of the requests.
#[derive(Default)]
struct Switches {
    migrated: AtomicBool,
    broken: AtomicBool,
    released: AtomicBool,
    stuck: AtomicBool,
    background_runs: AtomicUsize,
}

#[health_check(startup, timeout = "1h", cache = "0s")]
async fn migration(switches: &Switches) -> Result<(), &'static str> {
    if switches.migrated.load(Ordering::SeqCst) { Ok(()) } else { Err("not migrated") }
}

#[health_check(readiness, timeout = "1h", cache = "0s")]
async fn database(switches: &Switches) -> Result<(), &'static str> {
    if switches.broken.load(Ordering::SeqCst) { Err("broken") } else { Ok(()) }
}

/// A plain `fn`, which cannot be cancelled while it blocks.
#[health_check(readiness, critical = false, timeout = "100ms", cache = "0s")]
fn folder(switches: &Switches) {
    if switches.stuck.load(Ordering::SeqCst) {
        thread::sleep(Duration::from_mins(1));
    }
}

#[health_check(readiness, timeout = "1h", interval = "10ms")]
async fn background(switches: &Switches) {
    switches.background_runs.fetch_add(1, Ordering::SeqCst);
}

#[derive(Deserialize)]
struct Work {
    ms: u64,
}

async fn work(work: Query<Work>) -> &'static str {
    sleep(Duration::from_millis(work.ms)).await;
    "done"
}

/// Responds once the requests are released, or once the server stops.
async fn held(switches: Data<Switches>) -> &'static str {
    println!("held");
    while !switches.released.load(Ordering::SeqCst) {
        sleep(Duration::from_millis(1)).await;
    }
    "done"
}

async fn switch(switches: Data<Switches>, path: Path<(String, bool)>) -> HttpResponse {
    let (name, on) = path.into_inner();
    let switch = match name.as_str() {
        "migrated" => &switches.migrated,
        "broken" => &switches.broken,
        "released" => &switches.released,
        "stuck" => &switches.stuck,
        _ => return HttpResponse::NotFound().finish(),
    };
    switch.store(on, Ordering::SeqCst);
    HttpResponse::NoContent().finish()
}

fn health(switches: &Arc<Switches>, drain_delay: Duration) -> Result<Health, Box<dyn Error>> {
    Ok(Health::builder().shared_state(Arc::clone(switches)).drain_delay(drain_delay).deadline(LONG).start()?)
}

async fn print(mut transitions: Transitions) {
    while let Some(transition) = transitions.next().await {
        println!("{transition:?}");
    }
    println!("no transition follows");
}

fn tasks() -> usize {
    Handle::current().metrics().num_alive_tasks()
}

/// A log whose lines of health checks panic or hang. It drops all others.
struct BrokenLog {
    hangs: bool,
}

struct Line {
    is_broken: bool,
    hangs: bool,
}

impl<'w> MakeWriter<'w> for BrokenLog {
    type Writer = Line;

    fn make_writer(&'w self) -> Line {
        Line { is_broken: false, hangs: false }
    }

    fn make_writer_for(&'w self, metadata: &Metadata<'_>) -> Line {
        Line { is_broken: metadata.target().starts_with("health_runtime"), hangs: self.hangs }
    }
}

impl io::Write for Line {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.is_broken && self.hangs {
            loop {
                thread::park();
            }
        }
        assert!(!self.is_broken, "the log is broken");
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[actix_web::main]
async fn main() -> Result<(), Box<dyn Error>> {
    if let Ok(fault) = std::env::var("LOG") {
        let hangs = fault == "hangs";
        tracing_subscriber::fmt().with_writer(BrokenLog { hangs }).init();
    }
    let drain_delay = Duration::from_millis(std::env::var("DRAIN_DELAY_MS")?.parse()?);
    let port = std::env::var("PORT")?.parse::<u16>()?;
    let mode = std::env::args().nth(1).unwrap_or_default();
    let switches = Arc::<Switches>::default();

    if ["abandoned", "one-of-two"].contains(&mode.as_str()) {
        let health = health(&switches, drain_delay)?;
        let shutdown = health.shutdown();
        drop((health, shutdown));
        println!("abandoned");
    }
    if mode == "abandoned" {
        pending::<()>().await;
    }

    let tasks_before = tasks();
    let health = health(&switches, drain_delay)?;
    let printing = tokio::spawn(print(health.subscribe()));
    let shutdown = health.shutdown();
    if mode == "before-run" {
        println!("before run");
        while health.report(Kind::Readiness).await.reason() != Some("draining") {
            sleep(Duration::from_millis(1)).await;
        }
    }
    let (data, stopping) = (Data::from(Arc::clone(&switches)), Arc::clone(&switches));
    let server = HttpServer::new(move || {
        App::new()
            .app_data(data.clone())
            .service(health.service())
            .route("/work", web::get().to(work))
            .route("/held", web::get().to(held))
            .route("/switch/{name}/{on}", web::put().to(switch))
            .wrap(health.middleware())
    })
    .workers(2)
    .shutdown_signal(async move {
        shutdown.await;
        stopping.released.store(true, Ordering::SeqCst);
    })
    .shutdown_timeout(20)
    .bind(("127.0.0.1", port))?;
    println!("http://{}", server.addrs().first().ok_or("no address")?);
    server.run().await?;

    // The server's factory owned the last `Health`.
    printing.await?;
    let runs = switches.background_runs.load(Ordering::SeqCst);
    sleep(Duration::from_millis(200)).await;
    let late_runs = switches.background_runs.load(Ordering::SeqCst) - runs;
    println!("late runs {late_runs}, tasks left {}", tasks().saturating_sub(tasks_before));
    Ok(())
}
