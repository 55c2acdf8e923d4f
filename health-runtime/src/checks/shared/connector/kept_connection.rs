//! A connection that a check keeps between its runs.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// The age from which a kept connection is replaced by a new one: the name may lead to another server by now, while the old one
/// still responds.
pub(super) const MAX_AGE: Duration = Duration::from_secs(30);

/// A query takes the connection and returns it with its response, so the connection of an abandoned query is closed.
#[derive(Debug)]
pub(in crate::checks) struct KeptConnection<C>(Mutex<Option<Kept<C>>>);

#[derive(Debug)]
struct Kept<C> {
    connection: C,
    opened_at: Instant,
}

impl<C> Default for KeptConnection<C> {
    fn default() -> Self {
        Self(Mutex::new(None))
    }
}

impl<C> KeptConnection<C> {
    /// Sends a query over the kept connection, or over a new one if there is none, if it is too old, or if the query fails.
    ///
    /// A query fails when its connection is broken, which after a restart of the server only its next use shows, and when the
    /// response is unexpected, for example of a server in the wrong role: the name may lead to another server by now. The
    /// result over a new connection counts.
    pub(in crate::checks) async fn query<T, E, F>(
        &self,
        connect: impl Future<Output = Result<C, E>>,
        query: impl Fn(C) -> F,
    ) -> Result<T, E>
    where
        F: Future<Output = Result<(C, T), E>>,
    {
        let kept = self.replace(None).filter(|kept| kept.opened_at.elapsed() < MAX_AGE);
        if let Some(Kept { connection, opened_at }) = kept
            && let Ok((connection, response)) = query(connection).await
        {
            self.replace(Some(Kept { connection, opened_at }));
            return Ok(response);
        }
        let opened_at = Instant::now();
        let (connection, response) = query(connect.await?).await?;
        self.replace(Some(Kept { connection, opened_at }));
        Ok(response)
    }

    fn replace(&self, kept: Option<Kept<C>>) -> Option<Kept<C>> {
        std::mem::replace(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner), kept)
    }
}
