//! One question to the other side at a time, however many runs wait for its answer.
//!
//! A run that is cut off leaves its question behind, and the next one waits for that answer in place of asking again. So a
//! server that accepts and does not answer holds one connection of ours, not one for each probe.

use std::panic::resume_unwind;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::task::JoinHandle;
use tokio::time::Instant;

/// A question is dropped and asked anew after this long, because the server may be back where no packet can tell: a
/// fail-over behind one address leaves the old connection silent. Each time in a row takes twice as long.
const PATIENCE: Duration = Duration::from_secs(10);
const LONGEST_PATIENCE: Duration = Duration::from_secs(160);

/// What is asked again and again, one question at a time.
pub(super) struct Question<T, E> {
    // Held across the wait by the one run that waits; a second caller of the same check queues here.
    asked: Mutex<Asked<T, E>>,
}

struct Asked<T, E> {
    pending: Option<Pending<T, E>>,
    patience: Duration,
}

struct Pending<T, E> {
    since: Instant,
    answer: JoinHandle<Result<T, E>>,
}

impl<T, E> Drop for Pending<T, E> {
    fn drop(&mut self) {
        self.answer.abort();
    }
}

impl<T, E> Default for Question<T, E> {
    fn default() -> Self {
        Self { asked: Mutex::new(Asked { pending: None, patience: PATIENCE }) }
    }
}

impl<T: Send + 'static, E: Send + 'static> Question<T, E> {
    /// The answer to the question that is under way, else to the one that `ask` begins.
    pub(super) async fn answer<F>(&self, ask: impl Fn() -> F) -> Result<T, E>
    where
        F: Future<Output = Result<T, E>> + Send + 'static,
    {
        let asked = &mut *self.asked.lock().await;
        if asked.pending.as_ref().is_some_and(|pending| pending.since.elapsed() >= asked.patience) {
            asked.pending = None;
            asked.patience = LONGEST_PATIENCE.min(asked.patience * 2);
        }
        // What was answered while nobody waited says nothing of now.
        asked.pending.take_if(|pending| pending.answer.is_finished());
        if let Some(earlier) = &mut asked.pending {
            let answer = (&mut earlier.answer).await;
            asked.pending = None;
            // A failure may be the end of a connection to a server that has long come back.
            if let Ok(Ok(answer)) = answer {
                asked.patience = PATIENCE;
                return Ok(answer);
            }
        }
        let pending = asked.pending.insert(Pending { since: Instant::now(), answer: tokio::spawn(ask()) });
        let answer = (&mut pending.answer).await;
        asked.pending = None;
        asked.patience = PATIENCE;
        match answer {
            Ok(answer) => answer,
            Err(gone) => match gone.try_into_panic() {
                Ok(panic) => resume_unwind(panic),
                // The runtime is shutting down, and this run with it.
                Err(_cancelled) => std::future::pending().await,
            },
        }
    }
}
