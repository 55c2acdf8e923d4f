//! A dependency that all replicas share, such as a database: a queue with a capacity, whose latency rises with its load.

use std::future::pending;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep};

/// The latency of a query without load.
const LATENCY: f64 = 0.005;
/// The longest queue, in seconds of work. The dependency rejects queries beyond it.
const MAX_WAIT: f64 = 3.0;
/// The load from which on the latency no longer follows `1 / (1 - load)`: the queue adds to it instead.
const MAX_LOAD: f64 = 0.95;
/// How long a client waits for its query.
const CLIENT_TIMEOUT: f64 = 1.0;

/// The condition of the dependency.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Condition {
    /// It has this share of its capacity.
    Up(f64),
    /// It refuses connections.
    Away,
    /// It answers nothing.
    Silent,
}

/// The queries that reached the dependency so far.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Queries {
    /// Of checks.
    pub(crate) checks: u64,
    /// Of clients, and of processes that start.
    pub(crate) others: f64,
}

impl Queries {
    pub(crate) fn total(self) -> f64 {
        self.checks as f64 + self.others
    }
}

pub(crate) struct Dependency(Mutex<State>);

struct State {
    condition: Condition,
    /// Queries a second.
    capacity: f64,
    /// The queue, in queries.
    backlog: f64,
    /// The queries of clients a second.
    flow: f64,
    advanced_at: Instant,
    queries: Queries,
}

impl Dependency {
    /// Creates a dependency with a capacity in queries a second.
    pub(crate) fn new(capacity: f64) -> Self {
        let (condition, advanced_at, queries) = (Condition::Up(1.0), Instant::now(), Queries::default());
        Self(Mutex::new(State { condition, capacity, backlog: 0.0, flow: 0.0, advanced_at, queries }))
    }

    pub(crate) fn set_condition(&self, condition: Condition) {
        let mut state = self.lock();
        state.advance();
        state.condition = condition;
        if !matches!(condition, Condition::Up(_)) {
            state.backlog = 0.0;
        }
    }

    pub(crate) fn queries(&self) -> Queries {
        let mut state = self.lock();
        state.advance();
        state.queries
    }

    /// Adds the queries of a process that starts.
    pub(crate) fn warm_up(&self, queries: f64) {
        let mut state = self.lock();
        state.advance();
        if matches!(state.condition, Condition::Up(_)) {
            state.backlog += queries;
            state.queries.others += queries;
        }
    }

    /// Sets the queries of clients a second, and returns the share of them that succeeds.
    pub(crate) fn set_flow(&self, flow: f64) -> f64 {
        let mut state = self.lock();
        state.advance();
        state.flow = flow;
        match state.answer() {
            Answer::Served(latency) if latency.as_secs_f64() < CLIENT_TIMEOUT => 1.0,
            Answer::Served(_) | Answer::Refused | Answer::Silent => 0.0,
        }
    }

    /// Sends the query of a check.
    async fn query(&self) -> io::Result<()> {
        let answer = {
            let mut state = self.lock();
            state.advance();
            let answer = state.answer();
            if matches!(state.condition, Condition::Up(_)) {
                state.queries.checks += 1;
                state.backlog += 1.0;
            }
            answer
        };
        match answer {
            Answer::Served(latency) => {
                sleep(latency).await;
                Ok(())
            }
            Answer::Refused => Err(io::ErrorKind::ConnectionRefused.into()),
            Answer::Silent => pending().await,
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What happens to a query that arrives now.
enum Answer {
    Served(Duration),
    Refused,
    Silent,
}

impl State {
    /// Applies the time since the last call: the queue grows by the flow and shrinks by the capacity.
    fn advance(&mut self) {
        let now = Instant::now();
        let elapsed = now.saturating_duration_since(self.advanced_at).as_secs_f64();
        self.advanced_at = now;
        if let Condition::Up(share) = self.condition {
            let capacity = self.capacity * share;
            self.queries.others += self.flow * elapsed;
            self.backlog = (self.backlog + (self.flow - capacity) * elapsed).clamp(0.0, capacity * MAX_WAIT);
        }
    }

    fn answer(&self) -> Answer {
        match self.condition {
            Condition::Up(share) => {
                let capacity = self.capacity * share;
                let wait = self.backlog / capacity;
                let load = (self.flow / capacity).min(MAX_LOAD);
                let is_full = wait >= MAX_WAIT;
                if is_full { Answer::Refused } else { Answer::Served(Duration::from_secs_f64(wait + LATENCY / (1.0 - load))) }
            }
            Condition::Away => Answer::Refused,
            Condition::Silent => Answer::Silent,
        }
    }
}

/// The connection of one replica to the dependency.
#[derive(Clone)]
pub(crate) struct Link {
    dependency: Arc<Dependency>,
    is_cut_off: Arc<AtomicBool>,
}

impl Link {
    pub(crate) fn new(dependency: &Arc<Dependency>) -> Self {
        Self { dependency: Arc::clone(dependency), is_cut_off: Arc::default() }
    }

    /// Sets whether the network loses every packet between the replica and the dependency.
    pub(crate) fn cut_off(&self, is_cut_off: bool) {
        self.is_cut_off.store(is_cut_off, Ordering::Relaxed);
    }

    pub(crate) fn is_cut_off(&self) -> bool {
        self.is_cut_off.load(Ordering::Relaxed)
    }

    /// Adds the queries of a process that starts.
    pub(crate) fn warm_up(&self, queries: f64) {
        if !self.is_cut_off() {
            self.dependency.warm_up(queries);
        }
    }

    /// Sends one query.
    pub(crate) async fn query(self) -> io::Result<()> {
        if self.is_cut_off() {
            return pending().await;
        }
        self.dependency.query().await
    }
}
