//! A question that may block, on a thread of its own, one at a time however many runs wait for its answer.
//!
//! On tokio's blocking pool one that hangs would keep the process from exiting. A run that is cut off leaves its thread
//! behind, and the next run waits for that thread in place of starting another: a dead NFS server holds one thread of ours,
//! not one for each probe.

use std::io;

use tokio::sync::{Mutex, oneshot};

use crate::core::engine::dedicated_thread::{DedicatedThread, spawn};

/// What is asked again and again, each time on a new thread.
#[derive(Debug)]
pub(in crate::checks) struct Aside<T> {
    // Held across the wait by the one run that waits; a second caller of the same check queues here.
    asked: Mutex<Option<oneshot::Receiver<io::Result<T>>>>,
}

impl<T> Default for Aside<T> {
    fn default() -> Self {
        Self { asked: Mutex::new(None) }
    }
}

impl<T: Send + 'static> Aside<T> {
    /// The answer to the question that is under way, else to this one. `name` is the thread's.
    pub(in crate::checks) async fn answer(
        &self,
        name: &str,
        ask: impl FnOnce() -> io::Result<T> + Send + 'static,
    ) -> io::Result<T> {
        let asked = &mut *self.asked.lock().await;
        // What was answered while nobody waited says nothing of now.
        asked.take_if(|answer| !matches!(answer.try_recv(), Err(oneshot::error::TryRecvError::Empty)));
        let under_way = if let Some(under_way) = asked {
            under_way
        } else {
            let DedicatedThread { result, exit } = spawn(name.to_owned(), ask)?;
            let under_way = asked.insert(result);
            exit.wait().await;
            under_way
        };
        let answer = under_way.await;
        *asked = None;
        answer.unwrap_or_else(|gone| Err(io::Error::other(gone)))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::mpsc;
    use std::time::Duration;

    use tokio::time::timeout;

    use super::*;

    const A_LITTLE: Duration = Duration::from_millis(20);

    #[tokio::test]
    async fn a_question_that_hangs_is_joined_by_no_second_one() {
        let (release, hung) = mpsc::channel::<()>();
        let aside = Aside::default();
        let hangs = move || {
            let _ = hung.recv();
            Ok("first")
        };
        let first = timeout(A_LITTLE, aside.answer("health:test", hangs)).await;
        assert!(first.is_err(), "{first:?}");
        for _ in 0..5 {
            let cut_off = timeout(A_LITTLE, aside.answer("health:test", || Ok("another"))).await;
            assert!(cut_off.is_err(), "{cut_off:?}");
        }
        let (answer, ()) = tokio::join!(aside.answer("health:test", || Ok("another")), async { drop(release) });
        assert_eq!(answer.unwrap(), "first");
        assert_eq!(aside.answer("health:test", || Ok("second")).await.unwrap(), "second");
    }

    #[tokio::test]
    async fn what_was_answered_while_nobody_waited_is_asked_anew() {
        let (release, hung) = mpsc::channel::<()>();
        let (answered, ended) = mpsc::channel::<()>();
        let aside = Aside::default();
        let hangs = move || {
            let _answered = answered;
            let _ = hung.recv();
            Ok("old")
        };
        assert!(timeout(A_LITTLE, aside.answer("health:test", hangs)).await.is_err());
        drop(release);
        assert!(ended.recv().is_err());
        settle(&aside).await;
        assert_eq!(aside.answer("health:test", || Ok("new")).await.unwrap(), "new");
    }

    /// Waits until the answer has come, which is a moment after the question has ended.
    async fn settle<T>(aside: &Aside<T>) {
        while aside.asked.lock().await.as_ref().is_some_and(oneshot::Receiver::is_empty) {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    #[tokio::test]
    async fn callers_at_once_each_get_an_answer() {
        let aside = Arc::new(Aside::default());
        let asked = Arc::new(AtomicUsize::new(0));
        let callers = (0..10).map(|_| {
            let (aside, asked) = (Arc::clone(&aside), Arc::clone(&asked));
            tokio::spawn(
                async move { aside.answer("health:test", move || Ok(asked.fetch_add(1, Ordering::SeqCst))).await.unwrap() },
            )
        });
        let mut answers = Vec::new();
        for caller in callers.collect::<Vec<_>>() {
            answers.push(caller.await.unwrap());
        }
        answers.sort_unstable();
        assert_eq!(answers, (0..10).collect::<Vec<_>>());
    }

    #[tokio::test]
    async fn a_panic_is_an_error_and_the_next_question_is_asked() {
        let aside = Aside::default();
        let panicked = aside.answer("health:test", || std::panic::resume_unwind(Box::new(()))).await;
        assert_eq!(panicked.unwrap_err().kind(), io::ErrorKind::Other);
        assert_eq!(aside.answer("health:test", || Ok(1)).await.unwrap(), 1);
    }
}
