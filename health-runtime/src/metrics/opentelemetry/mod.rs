//! Gauges and transitions through the API of OpenTelemetry. The SDK and its exporters are the program's choice.

mod events;
mod gauges;

use opentelemetry::logs::{Logger, LoggerProvider};
use opentelemetry::metrics::Meter;

use crate::core::health::Health;

/// The name of the scope of the log records.
const SCOPE: &str = "health-runtime";

impl Health {
    /// Feature `opentelemetry`: registers the gauges of [`metrics`](crate::metrics) with a meter of the program: the state of each
    /// kind, the status of each check, and whether a check is stuck or skipped, the age of its result, and the worker lag.
    ///
    /// They are observed when the reader of the program collects, which runs no check. They do not keep this `Health` alive, and
    /// have no values once it is dropped. Call it once, after the program has installed its meter provider.
    ///
    /// ```
    /// use health_runtime::Health;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), health_runtime::StartError> {
    /// let health = Health::builder().start()?;
    /// health.opentelemetry_gauges(&opentelemetry::global::meter("orders"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn opentelemetry_gauges(&self, meter: &Meter) {
        gauges::register(self.inner(), meter);
    }

    /// Feature `opentelemetry`: emits one log record for every transition of a check or of a kind from this call on. Spawn the
    /// returned future; it ends once the last `Health` is dropped, which it does not keep alive.
    ///
    /// The event is `health.check.status_changed`, with the attributes `check`, `from`, `to` and, unless the check is up, `reason`, in
    /// a form that is safe to show; or `health.kind.state_changed`, with `kind`, `from` and `to`. The severity is `WARN` for a change
    /// to the worse, else `INFO`. If the records are emitted too slowly, `health.transitions_dropped` has a `count`.
    ///
    /// The lines that this crate logs through `tracing` are the same transitions, with the full error. A program that sends those to
    /// OpenTelemetry needs no other records.
    ///
    /// ```
    /// use health_runtime::Health;
    /// use opentelemetry::logs::NoopLoggerProvider;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), health_runtime::StartError> {
    /// let health = Health::builder().start()?;
    /// let provider = NoopLoggerProvider::new(); // the program's provider
    /// tokio::spawn(health.opentelemetry_events(&provider));
    /// # Ok(())
    /// # }
    /// ```
    pub fn opentelemetry_events<P>(&self, provider: &P) -> impl Future<Output = ()> + Send + 'static + use<P>
    where
        P: LoggerProvider<Logger: Logger<LogRecord: Send> + Send + Sync + 'static>,
    {
        events::emit(self.subscribe(), provider.logger(SCOPE))
    }
}
