use std::collections::VecDeque;
use std::sync::Mutex;
use std::time::Duration;

use tokio::sync::oneshot::{self, Sender};
use tokio::time::{Instant, sleep, timeout};

use super::super::SingleFlight;

/// A server, with the requests that have no response yet.
#[derive(Default)]
struct Server {
    pending: Mutex<VecDeque<Sender<Result<u32, &'static str>>>>,
    requests: Mutex<u32>,
}

impl Server {
    fn request(&self) -> impl Future<Output = Result<u32, &'static str>> + use<> {
        let (response_tx, response_rx) = oneshot::channel();
        self.pending.lock().unwrap().push_back(response_tx);
        *self.requests.lock().unwrap() += 1;
        async move { response_rx.await.expect("a response") }
    }

    fn respond(&self, response: Result<u32, &'static str>) {
        self.pending.lock().unwrap().pop_front().expect("a request").send(response).expect("a waiting client");
    }

    fn requests(&self) -> u32 {
        *self.requests.lock().unwrap()
    }

    /// Counts the requests that the client has dropped.
    fn dropped(&self) -> usize {
        self.pending.lock().unwrap().iter().filter(|pending| pending.is_closed()).count()
    }
}

const TIMEOUT: Duration = Duration::from_millis(100);

async fn run(flight: &SingleFlight<(), u32, &'static str>, server: &Server) -> Option<Result<u32, &'static str>> {
    timeout(TIMEOUT, flight.join_or_start(|_| server.request())).await.ok()
}

#[tokio::test(start_paused = true)]
async fn cancelled_runs_leave_one_call_which_the_next_run_joins() {
    let (flight, server) = (SingleFlight::new(()), Server::default());
    for _ in 0..50 {
        assert_eq!(run(&flight, &server).await, None);
    }
    assert_eq!(server.requests(), 1);
    let (result, ()) = tokio::join!(run(&flight, &server), async { server.respond(Ok(7)) });
    assert_eq!((result, server.requests()), (Some(Ok(7)), 1));
}

#[tokio::test(start_paused = true)]
async fn a_run_starts_another_call_after_an_earlier_one_failed() {
    let (flight, server) = (SingleFlight::new(()), Server::default());
    assert_eq!(run(&flight, &server).await, None);
    let responses = async {
        sleep(Duration::from_millis(1)).await;
        server.respond(Err("connection reset"));
        sleep(Duration::from_millis(1)).await;
        server.respond(Ok(8));
    };
    let (result, ()) = tokio::join!(run(&flight, &server), responses);
    assert_eq!((result, server.requests()), (Some(Ok(8)), 2));
}

#[tokio::test(start_paused = true)]
async fn a_result_that_arrived_while_no_run_waited_is_ignored() {
    let (flight, server) = (SingleFlight::new(()), Server::default());
    assert_eq!(run(&flight, &server).await, None);
    server.respond(Ok(1));
    sleep(Duration::from_secs(1)).await;
    let (result, ()) = tokio::join!(run(&flight, &server), async {
        sleep(Duration::from_millis(1)).await;
        server.respond(Err("refused"));
    });
    assert_eq!((result, server.requests()), (Some(Err("refused")), 2));
}

#[tokio::test(start_paused = true)]
async fn a_call_is_abandoned_after_ten_seconds_and_the_next_after_twice_as_long() {
    let (flight, server) = (SingleFlight::new(()), Server::default());
    let started_at = Instant::now();
    let mut abandoned_at = Vec::new();
    while started_at.elapsed() < Duration::from_secs(80) {
        let before = server.dropped();
        assert_eq!(run(&flight, &server).await, None);
        if server.dropped() > before {
            abandoned_at.push(started_at.elapsed().as_secs());
        }
    }
    assert_eq!(abandoned_at, [10, 30, 70]);
    assert_eq!(server.requests(), 4);
}

#[tokio::test(start_paused = true)]
async fn the_call_in_flight_is_dropped_with_the_check() {
    let (flight, server) = (SingleFlight::new(()), Server::default());
    assert_eq!(run(&flight, &server).await, None);
    assert_eq!(server.dropped(), 0);
    drop(flight);
    sleep(Duration::from_millis(1)).await;
    assert_eq!(server.dropped(), 1);
}

#[tokio::test]
#[should_panic(expected = "in the call")]
async fn a_panic_of_the_call_is_a_panic_of_the_run() {
    let flight = SingleFlight::<(), (), ()>::new(());
    let _ = flight.join_or_start(|_| async { panic!("in the call") }).await;
}
