//! A thousand checks with random faults, and a hundred thousand probes, in one simulated hour.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix_http::Request;
use actix_web::body::MessageBody;
use actix_web::dev::{Service, ServiceResponse};
use actix_web::{App, test};
use health_runtime::{Check, Health, Outcome};
use health_tests::random::Random;
use serde_json::Value;
use tokio::runtime::Handle;
use tokio::task::LocalSet;
use tokio::time::{Instant, sleep};

const CHECKS: usize = 1_000;
const PROBES: u32 = 100_000;
const HOUR: Duration = Duration::from_hours(1);
const DEADLINE: Duration = Duration::from_millis(900);

/// The expectations of one check.
struct Known {
    /// The maximum age of a result.
    limit: Duration,
    running: AtomicBool,
    last_end: Mutex<Option<Instant>>,
}

#[derive(Default)]
struct Counts {
    runs: AtomicU64,
    twins: AtomicU64,
}

/// Marks a run until it finishes or is cancelled.
struct Run(Arc<Known>);

impl Run {
    fn begin(known: &Arc<Known>, counts: &Counts) -> Self {
        counts.runs.fetch_add(1, Ordering::Relaxed);
        if known.running.swap(true, Ordering::SeqCst) {
            counts.twins.fetch_add(1, Ordering::Relaxed);
        }
        Self(Arc::clone(known))
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        *self.0.last_end.lock().unwrap() = Some(Instant::now());
        self.0.running.store(false, Ordering::SeqCst);
    }
}

fn check(index: usize, random: &mut Random, counts: &Arc<Counts>) -> (Check, Arc<Known>) {
    let timeout = random.millis(1..3_000);
    let every = random.millis(1..60_000);
    let in_background = random.below(2) == 0;
    let limit = if in_background { every * 5 / 2 + timeout } else { every + timeout + DEADLINE };
    let known = Arc::new(Known { limit, running: AtomicBool::new(false), last_end: Mutex::default() });
    let (seen, counts) = (Arc::clone(&known), Arc::clone(counts));
    let faults = Mutex::new(random.clone());
    let run = move || {
        let run = Run::begin(&seen, &counts);
        let (fault, time) = {
            let mut faults = faults.lock().unwrap();
            (faults.below(10), faults.millis(0..2_000))
        };
        async move {
            let _run = run;
            match fault {
                0 => panic!("a fault of this test"),
                1 => std::future::pending().await,
                2 => Outcome::down("a fault of this test"),
                3 => {
                    sleep(time).await;
                    Outcome::degraded("slow")
                }
                4 => {
                    sleep(time).await;
                    Outcome::up()
                }
                _ => Outcome::up(),
            }
        }
    };
    let check = Check::readiness(format!("check-{index:04}"), run).timeout(timeout);
    let check = check.failure_threshold(1 + u32::try_from(random.below(3)).unwrap());
    (if in_background { check.interval(every) } else { check.cache(every) }, known)
}

/// Returns whether a response has a result of this check that is older than its maximum age.
fn is_too_old(body: &Value, index: usize, known: &Known, probed_at: Instant) -> bool {
    let status = body["checks"][format!("check-{index:04}")]["status"].as_str();
    let ended = *known.last_end.lock().unwrap();
    matches!(status, Some("up" | "degraded")) && ended.is_none_or(|ended| ended < probed_at && ended.elapsed() > known.limit)
}

struct Probes<S> {
    app: S,
    known: Vec<Arc<Known>>,
    in_flight: Cell<usize>,
    slowest: Cell<Duration>,
    stale_served: Cell<usize>,
    responded: Cell<u64>,
}

impl<S, B> Probes<S>
where
    S: Service<Request, Response = ServiceResponse<B>, Error = actix_web::Error>,
    B: MessageBody,
{
    /// Probes one check, or all of them.
    async fn send(self: Rc<Self>, index: Option<usize>) {
        self.in_flight.update(|probes| probes + 1);
        let probed_at = Instant::now();
        let path = index.map_or("/readyz?verbose".to_owned(), |index| format!("/readyz/check-{index:04}"));
        let response = test::call_service(&self.app, test::TestRequest::with_uri(&path).to_request()).await;
        let body: Value = serde_json::from_slice(&test::read_body(response).await).unwrap();
        let asked_for = index.map_or(0..self.known.len(), |index| index..index + 1);
        let stale = asked_for.filter(|index| is_too_old(&body, *index, &self.known[*index], probed_at)).count();
        self.stale_served.update(|served| served + stale);
        self.slowest.update(|slowest| slowest.max(probed_at.elapsed()));
        self.responded.update(|responded| responded + 1);
        self.in_flight.update(|probes| probes - 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_simulated_hour_of_random_faults_serves_no_stale_result() {
    let _running = crate::one_at_a_time();
    health_tests::panics::expect("a fault of this test");
    let seed = std::env::var("SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(20_261_122);
    eprintln!("SEED={seed}");
    let mut random = Random::seeded(seed);
    let counts = Arc::new(Counts::default());
    let tasks = || Handle::current().metrics().num_alive_tasks();
    let before = tasks();

    let mut builder = Health::builder().linked_checks(false);
    let mut known = Vec::new();
    for index in 0..CHECKS {
        let (check, expectation) = check(index, &mut random, &counts);
        random.next();
        builder = builder.check(check);
        known.push(expectation);
    }
    let health = builder.start().unwrap();
    let app = test::init_service(App::new().service(health.service())).await;
    let probes = Rc::new(Probes {
        app,
        known,
        in_flight: Cell::new(0),
        slowest: Cell::default(),
        stale_served: Cell::new(0),
        responded: Cell::new(0),
    });
    drop(health);

    let local = LocalSet::new();
    let mut most_tasks = 0;
    local
        .run_until(async {
            let began = Instant::now();
            for probe in 0..PROBES {
                tokio::time::sleep_until(began + HOUR * (probe + 1) / PROBES).await;
                let index = (probe % 1_000 != 0).then(|| random.below(CHECKS));
                tokio::task::spawn_local(Rc::clone(&probes).send(index));
                most_tasks = most_tasks.max(tasks().saturating_sub(probes.in_flight.get()));
            }
            sleep(2 * DEADLINE).await;
        })
        .await;
    drop(local);
    let Some(Probes { app, slowest, stale_served, responded, .. }) = Rc::into_inner(probes) else { panic!("a probe is left") };
    drop(app);
    sleep(Duration::from_millis(1)).await;

    let after = tasks();
    let (runs, twins) = (counts.runs.load(Ordering::SeqCst), counts.twins.load(Ordering::SeqCst));
    let (stale_served, slowest) = (stale_served.get(), slowest.get());
    eprintln!("runs {runs}, twins {twins}, stale results served {stale_served}");
    eprintln!("slowest response {slowest:?}, most tasks {most_tasks}, tasks left {}", after - before);
    assert_eq!(responded.get(), u64::from(PROBES));
    assert_eq!((twins, stale_served, after), (0, 0, before));
    // tokio's timers count whole milliseconds.
    assert!(slowest <= DEADLINE + Duration::from_millis(1), "{slowest:?}");
    assert!(most_tasks <= 2 * CHECKS + 2, "a run and a schedule for each check at most: {most_tasks}");
    assert!(runs > 100_000, "{runs}");
}
