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
pub(in crate::checks) struct Question<T, E> {
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
    pub(in crate::checks) async fn answer<F>(&self, ask: impl Fn() -> F) -> Result<T, E>
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

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::sync::Mutex;

    use tokio::sync::oneshot::{self, Sender};
    use tokio::time::{sleep, timeout};

    use super::*;

    /// The other side: the answers to the questions that were asked of it and are not yet answered.
    #[derive(Default)]
    struct Server {
        open: Mutex<VecDeque<Sender<Result<u32, &'static str>>>>,
        asked: Mutex<u32>,
    }

    impl Server {
        fn ask(&self) -> impl Future<Output = Result<u32, &'static str>> + use<> {
            let (answer, answered) = oneshot::channel();
            self.open.lock().unwrap().push_back(answer);
            *self.asked.lock().unwrap() += 1;
            async move { answered.await.expect("the server answers") }
        }

        fn answer(&self, with: Result<u32, &'static str>) {
            self.open.lock().unwrap().pop_front().expect("a question").send(with).expect("somebody who waits");
        }

        fn asked(&self) -> u32 {
            *self.asked.lock().unwrap()
        }

        /// How many of the questions were dropped by the one that asked.
        fn dropped(&self) -> usize {
            self.open.lock().unwrap().iter().filter(|open| open.is_closed()).count()
        }
    }

    const LIMIT: Duration = Duration::from_millis(100);

    async fn run(question: &Question<u32, &'static str>, server: &Server) -> Option<Result<u32, &'static str>> {
        timeout(LIMIT, question.answer(|| server.ask())).await.ok()
    }

    #[tokio::test(start_paused = true)]
    async fn runs_that_are_cut_off_leave_one_question_which_the_next_run_takes_up() {
        let (question, server) = (Question::default(), Server::default());
        for _ in 0..50 {
            assert_eq!(run(&question, &server).await, None);
        }
        assert_eq!(server.asked(), 1);
        let (answer, ()) = tokio::join!(run(&question, &server), async { server.answer(Ok(7)) });
        assert_eq!((answer, server.asked()), (Some(Ok(7)), 1));
    }

    #[tokio::test(start_paused = true)]
    async fn an_earlier_question_that_fails_is_asked_anew_by_the_same_run() {
        let (question, server) = (Question::default(), Server::default());
        assert_eq!(run(&question, &server).await, None);
        let the_server = async {
            sleep(Duration::from_millis(1)).await;
            server.answer(Err("connection reset"));
            sleep(Duration::from_millis(1)).await;
            server.answer(Ok(8));
        };
        let (answer, ()) = tokio::join!(run(&question, &server), the_server);
        assert_eq!((answer, server.asked()), (Some(Ok(8)), 2));
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_answered_while_nobody_waited_does_not_count() {
        let (question, server) = (Question::default(), Server::default());
        assert_eq!(run(&question, &server).await, None);
        server.answer(Ok(1));
        sleep(Duration::from_secs(1)).await;
        let (answer, ()) = tokio::join!(run(&question, &server), async {
            sleep(Duration::from_millis(1)).await;
            server.answer(Err("refused"));
        });
        assert_eq!((answer, server.asked()), (Some(Err("refused")), 2));
    }

    #[tokio::test(start_paused = true)]
    async fn a_question_is_given_up_after_ten_seconds_and_the_next_after_twice_as_long() {
        let (question, server) = (Question::default(), Server::default());
        let began = Instant::now();
        let mut given_up = Vec::new();
        while began.elapsed() < Duration::from_secs(80) {
            let before = server.dropped();
            assert_eq!(run(&question, &server).await, None);
            if server.dropped() > before {
                given_up.push(began.elapsed().as_secs());
            }
        }
        assert_eq!(given_up, [10, 30, 70]);
        assert_eq!(server.asked(), 4);
    }

    #[tokio::test(start_paused = true)]
    async fn it_is_dropped_with_the_check() {
        let (question, server) = (Question::default(), Server::default());
        assert_eq!(run(&question, &server).await, None);
        assert_eq!(server.dropped(), 0);
        drop(question);
        sleep(Duration::from_millis(1)).await;
        assert_eq!(server.dropped(), 1);
    }

    #[tokio::test]
    #[should_panic(expected = "of its own accord")]
    async fn its_panic_is_the_run_s() {
        let question = Question::<(), ()>::default();
        let _ = question.answer(|| async { panic!("of its own accord") }).await;
    }
}
