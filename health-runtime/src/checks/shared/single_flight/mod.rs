//! Single flight: at most one call to an external dependency at a time, whose result later runs share.
//!
//! A cancelled run leaves its call in flight, and the next run waits for that call instead of starting another. So a server
//! that accepts connections and does not respond holds one connection, not one per probe.
//!
//! States: idle, or one call in flight. Both are behind one async mutex, which a run holds until it has a result; concurrent
//! runs of one check queue at it. The call is a task, so it continues when the run that started it is dropped.

use std::panic::resume_unwind;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::task::JoinHandle;
use tokio::time::Instant;

/// The time after which a call is abandoned and the next run starts another. After a fail-over behind one address the old
/// connection stays silent although the server responds again. Each abandoned call in a row doubles the time.
const ABANDON_TIMEOUT: Duration = Duration::from_secs(10);
const MAX_ABANDON_TIMEOUT: Duration = Duration::from_secs(160);

/// Starts at most one call to a target at a time.
pub(in crate::checks) struct SingleFlight<C, T, E> {
    target: Arc<C>,
    abandon_timeout: Duration,
    state: Mutex<State<T, E>>,
}

struct State<T, E> {
    in_flight: Option<InFlight<T, E>>,
    /// The abandon timeout of the call in flight.
    abandon_after: Duration,
}

struct InFlight<T, E> {
    started_at: Instant,
    task: JoinHandle<Result<T, E>>,
}

impl<T, E> Drop for InFlight<T, E> {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl<C, T, E> SingleFlight<C, T, E> {
    pub(in crate::checks) fn new(target: C) -> Self {
        Self::with_abandon_timeout(target, ABANDON_TIMEOUT)
    }

    /// Creates a single flight that abandons no call: for blocking threads, which abandoning would not stop.
    pub(in crate::checks) fn without_abandoning(target: C) -> Self {
        Self::with_abandon_timeout(target, Duration::MAX)
    }

    fn with_abandon_timeout(target: C, abandon_timeout: Duration) -> Self {
        let state = Mutex::new(State { in_flight: None, abandon_after: abandon_timeout });
        Self { target: Arc::new(target), abandon_timeout, state }
    }

    pub(in crate::checks) fn target(&self) -> &C {
        &self.target
    }
}

impl<C, T: Send + 'static, E: Send + 'static> SingleFlight<C, T, E> {
    /// Waits for the call in flight, or starts one with the target, and returns its result.
    pub(in crate::checks) async fn join_or_start<F>(&self, start: impl FnOnce(Arc<C>) -> F) -> Result<T, E>
    where
        F: Future<Output = Result<T, E>> + Send + 'static,
    {
        let state = &mut *self.state.lock().await;
        if state.in_flight.as_ref().is_some_and(|call| call.started_at.elapsed() >= state.abandon_after) {
            state.in_flight = None;
            state.abandon_after = MAX_ABANDON_TIMEOUT.min(state.abandon_after * 2);
        }
        // A result that arrived while no run waited may be outdated.
        state.in_flight.take_if(|call| call.task.is_finished());
        if let Some(earlier) = &mut state.in_flight {
            let result = (&mut earlier.task).await;
            state.in_flight = None;
            // An earlier call may fail because its connection is dead although the server is back.
            if let Ok(Ok(value)) = result {
                state.abandon_after = self.abandon_timeout;
                return Ok(value);
            }
        }
        let call =
            state.in_flight.insert(InFlight { started_at: Instant::now(), task: tokio::spawn(start(Arc::clone(&self.target))) });
        let result = (&mut call.task).await;
        state.in_flight = None;
        state.abandon_after = self.abandon_timeout;
        match result {
            Ok(result) => result,
            Err(error) => match error.try_into_panic() {
                Ok(panic) => resume_unwind(panic),
                // The runtime is shutting down and drops this run too.
                Err(_cancelled) => std::future::pending().await,
            },
        }
    }
}

#[cfg(test)]
mod tests;
