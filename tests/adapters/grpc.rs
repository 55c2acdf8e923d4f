//! The gRPC health checks, with the client of tonic.

use std::future::{Ready, ready};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use health_runtime::{Check, Health, Kind, Outcome, PeerAnswer, PeerFuture, PeerNetwork, Peers, Status, TowerHealth};
use health_tests::checks::{Runs, builder, down, up};
use health_tests::log::Log;
use health_tests::random::Random;
use health_tests::{alone, probe, test_name};
use http::{Request, Uri};
use hyper_util::rt::TokioIo;
use tokio::io::{DuplexStream, duplex};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};
use tokio_stream::StreamExt;
use tonic::transport::{Channel, Endpoint, Server};
use tonic::{Code, Streaming};
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use tonic_health::pb::{HealthCheckRequest, HealthCheckResponse};
use tower_service::Service;
use tracing::Level;
use tracing_subscriber::fmt::format::FmtSpan;

use ServingStatus::{NotServing, ServiceUnknown, Serving};

const SCOPES: [(&str, &str); 5] =
    [("", "/readyz"), ("readiness", "/readyz"), ("liveness", "/livez"), ("startup", "/startupz"), ("health", "/health")];

/// A client of a server over a pipe in memory, so that the paused clock moves only while both wait.
struct Grpc {
    client: HealthClient<Channel>,
    server: JoinHandle<()>,
}

impl Grpc {
    async fn start(health: &Health, stop: impl Future<Output = ()> + Send + 'static) -> Self {
        let (near, far) = duplex(1 << 16);
        let incoming = tokio_stream::once(Ok::<_, io::Error>(far)).chain(tokio_stream::pending());
        let router = Server::builder().layer(health.layer()).add_service(health.grpc());
        let server = tokio::spawn(async move { router.serve_with_incoming_shutdown(incoming, stop).await.unwrap() });
        let connector = Connector(Some(TokioIo::new(near)));
        let channel = Endpoint::from_static("http://test").connect_with_connector(connector).await.unwrap();
        Self { client: HealthClient::new(channel), server }
    }

    async fn of(health: &Health) -> Self {
        Self::start(health, std::future::pending()).await
    }

    async fn check(&mut self, service: &str) -> Result<ServingStatus, Code> {
        let response = self.client.check(HealthCheckRequest { service: service.to_owned() }).await;
        response.map(|response| response.into_inner().status()).map_err(|status| status.code())
    }

    async fn watch(&mut self, service: &str) -> Streaming<HealthCheckResponse> {
        self.client.watch(HealthCheckRequest { service: service.to_owned() }).await.unwrap().into_inner()
    }
}

/// Connects once.
struct Connector(Option<TokioIo<DuplexStream>>);

impl Service<Uri> for Connector {
    type Response = TokioIo<DuplexStream>;
    type Error = io::Error;
    type Future = Ready<io::Result<TokioIo<DuplexStream>>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Uri) -> Self::Future {
        ready(self.0.take().ok_or_else(|| io::ErrorKind::ConnectionRefused.into()))
    }
}

/// Returns the next state that a watch sends, or `None` at its end.
async fn next(watch: &mut Streaming<HealthCheckResponse>) -> Option<ServingStatus> {
    let next = timeout(Duration::from_mins(10), watch.message()).await.expect("a state or the end");
    next.unwrap().map(|response| response.status())
}

/// Asserts that a watch sends nothing for this long.
async fn assert_silent(watch: &mut Streaming<HealthCheckResponse>, time: Duration) {
    assert!(timeout(time, watch.message()).await.is_err());
}

async fn http_code(http: &mut TowerHealth, path: &str) -> u16 {
    http.call(Request::get(path).body(()).unwrap()).await.unwrap().status().as_u16()
}

/// Returns what gRPC reports where HTTP has this status code.
fn expected(code: u16) -> ServingStatus {
    if code == 200 { Serving } else { NotServing }
}

#[tokio::test(start_paused = true)]
async fn a3_check_equals_http_for_every_scope_and_check() {
    let checks = [("a", Kind::Liveness), ("b", Kind::Readiness), ("c", Kind::Readiness), ("d", Kind::Startup)];
    let soft = Check::reported("e", Kind::Readiness).critical(false);
    let all = checks.map(|(name, kind)| Check::reported(name, kind)).into_iter().chain([soft.and(Kind::Startup)]);
    let health = builder(all).start().unwrap();
    let names = ["a", "b", "c", "d", "e"];
    let reporters = names.map(|name| health.reporter(name).unwrap());
    let (mut grpc, mut http) = (Grpc::of(&health).await, health.service().tower());
    let services: Vec<(String, String)> = SCOPES
        .map(|(service, path)| (service.to_owned(), path.to_owned()))
        .into_iter()
        .chain(names.map(|name| (name.to_owned(), format!("/health/{name}"))))
        .collect();
    let mut watches = Vec::new();
    for (service, path) in &services {
        let mut watch = grpc.watch(service).await;
        let sent = next(&mut watch).await.unwrap();
        assert_eq!(sent, expected(http_code(&mut http, path).await), "{service}");
        watches.push((watch, sent));
    }
    let mut random = Random::seeded(7);
    for round in 0..1_000 {
        if round == 900 {
            health.drain();
        }
        let reporter = &reporters[random.below(reporters.len())];
        match random.below(3) {
            0 => reporter.up(),
            1 => reporter.degraded("slow"),
            _ => reporter.down("broken"),
        }
        for ((service, path), (watch, sent)) in services.iter().zip(&mut watches) {
            let state = expected(http_code(&mut http, path).await);
            if random.below(3) == 0 {
                assert_eq!(grpc.check(service).await, Ok(state), "{round}: {service}");
            }
            if state != *sent {
                assert_eq!(next(watch).await, Some(state), "{round}: {service}");
                *sent = state;
            }
        }
    }
    for ((service, _), (watch, _)) in services.iter().zip(&mut watches) {
        assert_eq!(next(watch).await, None, "{service} sent each change once, and ends with the drain");
    }
}

#[tokio::test(start_paused = true)]
async fn a3_a_watch_sends_each_of_many_changes_once() {
    let health = builder([Check::reported("a", Kind::Readiness), Check::reported("b", Kind::Liveness)]).start().unwrap();
    let (a, b) = (health.reporter("a").unwrap(), health.reporter("b").unwrap());
    let (mut grpc, mut watches) = (Grpc::of(&health).await, Vec::new());
    for service in ["", "health", "a"] {
        let mut watch = grpc.watch(service).await;
        assert_eq!(next(&mut watch).await, Some(NotServing));
        watches.push(watch);
    }
    // No watch is polled meanwhile.
    for _ in 0..100 {
        a.up();
        b.down("stuck");
        a.degraded("slow");
        b.up();
        a.down("broken");
        a.down("still broken");
    }
    for (index, watch) in watches.iter_mut().enumerate() {
        for _ in 0..100 {
            assert_eq!(next(watch).await, Some(Serving), "{index}");
            // Overall health also follows the other check.
            let changes = if index == 1 { [NotServing, Serving, NotServing].as_slice() } else { &[NotServing] };
            for change in changes {
                assert_eq!(next(watch).await, Some(*change), "{index}");
            }
        }
        assert_silent(watch, Duration::from_secs(5)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_slow_watch_goes_on_with_the_newest_state() {
    let health = builder([Check::reported("a", Kind::Readiness)]).start().unwrap();
    let reporter = health.reporter("a").unwrap();
    let mut grpc = Grpc::of(&health).await;
    let mut watch = grpc.watch("").await;
    assert_eq!(next(&mut watch).await, Some(NotServing));
    for _ in 0..5_000 {
        reporter.up();
        reporter.down("broken");
    }
    reporter.up();
    let mut states = 0;
    let mut last = NotServing;
    while let Ok(state) = timeout(Duration::from_secs(5), watch.message()).await {
        let state = state.unwrap().unwrap().status();
        assert_ne!(state, last);
        (states, last) = (states + 1, state);
    }
    assert_eq!(last, Serving);
    assert!(states < 1_100, "{states}");
}

#[tokio::test(start_paused = true)]
async fn an_unknown_service_is_an_error_for_check_and_a_status_for_watch() {
    let health = builder([up(Kind::Readiness, "a")]).drain_delay(Duration::from_secs(3)).start().unwrap();
    let mut grpc = Grpc::of(&health).await;
    for service in ["nope", "A", "Readiness", "READINESS", "a ", "/readyz", "*"] {
        assert_eq!(grpc.check(service).await, Err(Code::NotFound), "{service}");
        let mut watch = grpc.watch(service).await;
        assert_eq!(next(&mut watch).await, Some(ServiceUnknown), "{service}");
        assert_silent(&mut watch, Duration::from_mins(1)).await;
    }
    let mut watch = grpc.watch("nope").await;
    assert_eq!(next(&mut watch).await, Some(ServiceUnknown));
    health.drain();
    let began = Instant::now();
    assert_eq!(next(&mut watch).await, None);
    assert_eq!(began.elapsed().as_secs(), 3);
}

#[tokio::test(start_paused = true)]
async fn the_name_of_a_scope_wins_over_that_of_a_check() {
    if !alone::in_process(test_name!()) {
        return;
    }
    let log = Log::of_process(Level::WARN, FmtSpan::NONE);
    let line = line!() + 1;
    let own = Check::readiness("liveness", || async { Outcome::down("broken") });
    let health = builder([own, down(Kind::Readiness, "Health")]).start().unwrap();
    let warning = format!(
        "WARN health check `liveness` ({}:{line}) has the name of a scope, so gRPC health checks of `liveness` report that scope; \
         rename it",
        file!()
    );
    assert_eq!(log.lines(), [warning]);
    let mut grpc = Grpc::of(&health).await;
    assert_eq!(grpc.check("liveness").await, Ok(Serving));
    assert_eq!(grpc.check("Health").await, Ok(NotServing), "that of a check is exact");
}

#[tokio::test(start_paused = true)]
async fn many_watches_cost_one_run_per_cache_time() {
    // A result that is one probe old is still fresh with the default cache of one second.
    for (cache, runs_in_ten_seconds) in [(0, 9..=10), (1_000, 5..=5), (3_000, 2..=3)] {
        let runs = Runs::default();
        let counted = runs.clone();
        let check = Check::readiness("a", move || {
            let runs = counted.clone();
            async move { runs.run_for(Duration::from_millis(10)).await }
        });
        let health = builder([check.cache(Duration::from_millis(cache))]).start().unwrap();
        let (mut grpc, mut watches) = (Grpc::of(&health).await, Vec::new());
        for _ in 0..100 {
            let mut watch = grpc.watch("").await;
            assert_eq!(next(&mut watch).await, Some(Serving));
            watches.push(watch);
        }
        let first = runs.started();
        sleep(Duration::from_secs(10)).await;
        let more = runs.started() - first;
        assert!(runs_in_ten_seconds.contains(&more), "cache {cache}: {more}");
        assert_eq!(runs.most_at_once(), 1);
        drop(watches);
        sleep(Duration::from_secs(2)).await;
        let last = runs.started();
        sleep(Duration::from_secs(10)).await;
        assert_eq!(runs.started(), last, "no watch is left");
    }
}

#[tokio::test(start_paused = true)]
async fn a_watch_sends_what_time_alone_changes() {
    let silent = Check::reported("a", Kind::Readiness).interval(Duration::from_secs(10));
    let health = builder([silent]).start().unwrap();
    let reporter = health.reporter("a").unwrap();
    reporter.up();
    let mut grpc = Grpc::of(&health).await;
    let mut watch = grpc.watch("a").await;
    assert_eq!(next(&mut watch).await, Some(Serving));
    let began = Instant::now();
    assert_eq!(next(&mut watch).await, Some(NotServing));
    assert_eq!(began.elapsed().as_secs(), 25);
}

/// One peer, at which the check fails too.
struct FailingPeer;

impl PeerNetwork for FailingPeer {
    fn look_up(&self) -> PeerFuture<'_, io::Result<Vec<SocketAddr>>> {
        Box::pin(ready(Ok(vec![SocketAddr::from(([10, 0, 0, 1], 80))])))
    }

    fn ask<'n>(&'n self, _: SocketAddr, _: &'n str) -> PeerFuture<'n, Option<PeerAnswer>> {
        Box::pin(ready(Some(PeerAnswer { status: Status::Down, age: Duration::ZERO })))
    }
}

#[tokio::test(start_paused = true)]
async fn f1_a_failure_that_peers_have_too_is_serving() {
    let broken = Arc::new(AtomicBool::new(false));
    let state = Arc::clone(&broken);
    let check = Check::readiness("database", move || ready(if state.load(Ordering::SeqCst) { Err("bad") } else { Ok(()) }));
    let check = check.shared(true).cache(Duration::ZERO);
    let health = builder([check]).peers(Peers::simulated(FailingPeer)).start().unwrap();
    let mut grpc = Grpc::of(&health).await;
    let mut watches = [grpc.watch("database").await, grpc.watch("").await];
    for watch in &mut watches {
        assert_eq!(next(watch).await, Some(Serving));
    }
    broken.store(true, Ordering::SeqCst);
    for service in ["database", "", "health"] {
        assert_eq!(grpc.check(service).await, Ok(Serving), "{service}");
    }
    for watch in &mut watches {
        assert_silent(watch, Duration::from_secs(30)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn startup_and_the_drain_are_sent_at_once() {
    let health = builder([Check::reported("a", Kind::Startup), up(Kind::Readiness, "b")]).start().unwrap();
    let mut grpc = Grpc::of(&health).await;
    let mut watches = Vec::new();
    for service in ["", "health", "startup", "a", "b"] {
        let mut watch = grpc.watch(service).await;
        assert_eq!(next(&mut watch).await, Some(NotServing), "{service}");
        watches.push((service, watch));
    }
    let mut alive = grpc.watch("liveness").await;
    assert_eq!(next(&mut alive).await, Some(Serving));
    let reporter = health.reporter("a").unwrap();
    reporter.up();
    for (service, watch) in &mut watches {
        assert_eq!(next(watch).await, Some(Serving), "{service}");
    }
    let began = Instant::now();
    health.drain();
    for (service, watch) in &mut watches {
        if *service != "startup" {
            assert_eq!(next(watch).await, Some(NotServing), "{service}");
        }
    }
    assert!(began.elapsed() < Duration::from_millis(100), "{:?}", began.elapsed());
    for (service, watch) in &mut watches {
        assert_eq!(next(watch).await, None, "{service}");
    }
    assert_eq!(next(&mut alive).await, None);
    assert_eq!(began.elapsed().as_secs(), 5, "they end with the drain delay");
}

#[tokio::test(start_paused = true)]
async fn maintenance_is_sent_as_the_drain_is() {
    let health = builder([up(Kind::Readiness, "a"), up(Kind::Liveness, "b")]).start().unwrap();
    let (mut grpc, mut watches) = (Grpc::of(&health).await, Vec::new());
    for service in ["", "health", "a", "liveness"] {
        let mut watch = grpc.watch(service).await;
        assert_eq!(next(&mut watch).await, Some(Serving), "{service}");
        watches.push((service, watch));
    }
    for _ in 0..2 {
        let maintenance = health.maintenance("reindex");
        let began = Instant::now();
        for (service, watch) in watches.iter_mut().filter(|(service, _)| *service != "liveness") {
            assert_eq!(next(watch).await, Some(NotServing), "{service}");
            assert_eq!(grpc.check(service).await, Ok(NotServing), "{service}");
        }
        assert_eq!(grpc.check("liveness").await, Ok(Serving));
        drop(maintenance);
        for (service, watch) in watches.iter_mut().filter(|(service, _)| *service != "liveness") {
            assert_eq!(next(watch).await, Some(Serving), "{service}");
        }
        assert!(began.elapsed() < Duration::from_millis(100), "{:?}", began.elapsed());
    }
    assert_silent(&mut watches[3].1, Duration::from_secs(5)).await;
}

#[tokio::test(start_paused = true)]
async fn open_watches_do_not_delay_the_shutdown() {
    let health = builder([up(Kind::Readiness, "a")]).start().unwrap();
    let drained = health.clone();
    let stop = async move {
        sleep(Duration::from_mins(1)).await;
        drained.drain();
        sleep(Duration::from_secs(5)).await;
    };
    let began = Instant::now();
    let mut grpc = Grpc::start(&health, stop).await;
    let mut watches = Vec::new();
    for service in ["", "a", "liveness", "nope"].into_iter().cycle().take(100) {
        watches.push(grpc.watch(service).await);
    }
    let Grpc { client, server } = grpc;
    server.await.unwrap();
    let took = began.elapsed().checked_sub(Duration::from_secs(65)).unwrap();
    assert!(took <= Duration::from_millis(100), "{took:?}");
    drop((client, watches));
}

#[tokio::test(start_paused = true)]
async fn watches_are_not_in_flight() {
    let health = builder([up(Kind::Readiness, "a")]).start().unwrap();
    let mut grpc = Grpc::of(&health).await;
    let mut watch = grpc.watch("").await;
    next(&mut watch).await.unwrap();
    grpc.check("").await.unwrap();
    assert!(probe::get(&health, "/livez?verbose").await.1.ends_with(r#","in_flight":0}"#));
}
