//! The log of a process, recorded for a test.

use std::io::{self, Write as _};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use log::{LevelFilter, Metadata, Record};
use tracing::Level;
use tracing::subscriber::set_global_default;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::format::FmtSpan;

use crate::gate::Gate;

/// The writer of a subscriber. All clones share one buffer.
#[derive(Debug, Clone, Default)]
pub struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// Records what every thread of this process logs from now on, with these events of spans. A process can do this once, so
    /// a test that does is alone in its process.
    #[must_use]
    pub fn of_process(level: Level, spans: FmtSpan) -> Self {
        let log = Self::default();
        let subscriber = tracing_subscriber::fmt()
            .with_writer(log.clone())
            .with_ansi(false)
            .without_time()
            .with_target(false)
            .with_max_level(level)
            .with_span_events(spans);
        set_global_default(subscriber.finish()).expect("the first subscriber of this process");
        log
    }

    /// Records what reaches the `log` crate from now on, a line with the level and the text, from this target only or from all. A
    /// process can do this once, so a test that does is alone in its process.
    #[must_use]
    pub fn of_log_crate(target: Option<&'static str>) -> Self {
        let log = Self::default();
        log::set_logger(Box::leak(Box::new(Facade { log: log.clone(), target }))).expect("the first logger of this process");
        log::set_max_level(LevelFilter::Info);
        log
    }

    /// Returns what was logged since the last call of `lines`.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes()).into_owned()
    }

    /// Returns the lines since the last call, without the space around them.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let bytes = std::mem::take(&mut *self.bytes());
        String::from_utf8_lossy(&bytes).lines().map(|line| line.trim().to_owned()).collect()
    }

    fn bytes(&self) -> MutexGuard<'_, Vec<u8>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bytes().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'w> MakeWriter<'w> for Log {
    type Writer = Self;

    fn make_writer(&'w self) -> Self {
        self.clone()
    }
}

/// A log whose first lines panic, and that hangs while its gate is closed.
#[derive(Debug, Clone)]
pub struct BrokenLog(Arc<(AtomicUsize, Gate)>);

impl BrokenLog {
    /// Breaks what every thread of this process logs from now on: this many lines panic. A test that does is alone in its process.
    #[must_use]
    pub fn of_process(panics: usize) -> Self {
        let log = Self(Arc::new((AtomicUsize::new(panics), Gate::opened())));
        let subscriber = tracing_subscriber::fmt().with_writer(log.clone()).with_max_level(Level::INFO);
        set_global_default(subscriber.finish()).expect("the first subscriber of this process");
        log
    }

    /// The gate that each line passes.
    #[must_use]
    pub fn gate(&self) -> &Gate {
        &self.0.1
    }

    /// Returns how many more lines will panic.
    #[must_use]
    pub fn panics_left(&self) -> usize {
        self.0.0.load(Ordering::SeqCst)
    }
}

impl io::Write for BrokenLog {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let (panics, gate) = &*self.0;
        let is_broken = |left: usize| left.checked_sub(1);
        assert!(panics.fetch_update(Ordering::SeqCst, Ordering::SeqCst, is_broken).is_err(), "the log is broken");
        gate.pass();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'w> MakeWriter<'w> for BrokenLog {
    type Writer = Self;

    fn make_writer(&'w self) -> Self {
        self.clone()
    }
}

struct Facade {
    log: Log,
    target: Option<&'static str>,
}

impl log::Log for Facade {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        if self.target.is_none_or(|target| record.target() == target) {
            let _infallible = writeln!(self.log.bytes(), "{} {}", record.level(), record.args());
        }
    }

    fn flush(&self) {}
}
