//! A connection that a check keeps between its runs.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// A query takes the connection and returns it with its response, so the connection of an abandoned query is closed.
pub(in crate::checks) struct KeptConnection<C>(Mutex<Option<C>>);

impl<C> Default for KeptConnection<C> {
    fn default() -> Self {
        Self(Mutex::new(None))
    }
}

impl<C> KeptConnection<C> {
    /// Sends a query over the kept connection, or over a new one if that fails. After a restart of the server the kept
    /// connection is broken, which only its next use shows.
    pub(in crate::checks) async fn query<T, E, F: Future<Output = Result<(C, T), E>>>(
        &self,
        connect: impl Future<Output = Result<C, E>>,
        query: impl Fn(C) -> F,
    ) -> Result<T, E> {
        let kept = self.lock().take();
        let (connection, response) = match kept {
            Some(connection) => match query(connection).await {
                Ok(result) => result,
                Err(_broken) => query(connect.await?).await?,
            },
            None => query(connect.await?).await?,
        };
        *self.lock() = Some(connection);
        Ok(response)
    }

    fn lock(&self) -> MutexGuard<'_, Option<C>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
