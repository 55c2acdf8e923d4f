//! The constant that the attribute generates for a check and that the linker collects.

use std::fmt;
use std::panic::Location;
use std::pin::Pin;
use std::time::Duration;

use crate::core::model::outcome::Outcome;
use crate::core::model::policy::{self, Policy};
use crate::core::model::status::Kind;
use crate::core::registry::resolver::ArgumentResolver;

/// The future of one run, which borrows its arguments from the registered state.
pub type CheckFuture<'c> = Pin<Box<dyn Future<Output = Outcome> + Send + 'c>>;

/// How a linked check is called. Returns `None` when the resolver only validates, or when state is missing.
#[derive(Clone, Copy)]
pub enum CheckFn {
    /// An `async fn`.
    Async(for<'c> fn(&mut ArgumentResolver<'c>) -> Option<CheckFuture<'c>>),
    /// A plain `fn`, which may block and runs on a dedicated thread.
    Blocking(for<'c> fn(&mut ArgumentResolver<'c>) -> Option<Outcome>),
}

/// The source location of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SourceLocation {
    /// The result of `file!()`.
    pub file: &'static str,
    /// The line of the function's name.
    pub line: u32,
    /// The column of the function's name.
    pub column: u32,
    /// The result of `module_path!()`.
    pub module: &'static str,
    /// The result of `cfg!(test)`.
    pub under_test: bool,
}

/// The file and the line of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct FileLine {
    file: &'static str,
    line: u32,
}

impl From<&SourceLocation> for FileLine {
    fn from(location: &SourceLocation) -> Self {
        Self { file: location.file, line: location.line }
    }
}

impl From<&'static Location<'static>> for FileLine {
    fn from(location: &'static Location<'static>) -> Self {
        Self { file: location.file(), line: location.line() }
    }
}

impl fmt::Display for FileLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

impl fmt::Display for SourceLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        FileLine::from(self).fmt(f)
    }
}

/// One annotated function.
pub struct Descriptor {
    /// A valid name.
    pub name: &'static str,
    /// At least one kind, each once.
    pub kinds: &'static [Kind],
    /// The option `timeout`.
    pub timeout: Duration,
    /// The option `critical`.
    pub critical: bool,
    /// The option `cache`.
    pub cache: Duration,
    /// The option `interval`.
    pub interval: Option<Duration>,
    /// The option `failure_threshold`.
    pub failure_threshold: u32,
    /// The option `success_threshold`.
    pub success_threshold: u32,
    /// The option `grace`.
    pub grace: Option<Duration>,
    /// The option `slow`.
    pub slow: Option<Duration>,
    /// The option `shared`.
    pub shared: bool,
    /// The option `after`.
    pub after: &'static [&'static str],
    /// The option `quorum`.
    pub quorum: Option<u32>,
    /// The option `tags`.
    pub tags: &'static [&'static str],
    /// The option `description`.
    pub description: Option<&'static str>,
    /// The location of the function.
    pub location: SourceLocation,
    /// The function.
    pub run: CheckFn,
}

impl Descriptor {
    /// Creates a descriptor with the default of every option.
    pub const fn new(name: &'static str, kinds: &'static [Kind], location: SourceLocation, run: CheckFn) -> Self {
        Self {
            name,
            kinds,
            timeout: policy::DEFAULT_TIMEOUT,
            critical: true,
            cache: policy::DEFAULT_CACHE,
            interval: None,
            failure_threshold: 1,
            success_threshold: 1,
            grace: None,
            slow: None,
            shared: false,
            after: &[],
            quorum: None,
            tags: &[],
            description: None,
            location,
            run,
        }
    }
}

impl From<&Descriptor> for Policy {
    fn from(descriptor: &Descriptor) -> Self {
        Self {
            timeout: descriptor.timeout,
            critical: descriptor.critical,
            cache: descriptor.cache,
            interval: descriptor.interval,
            failure_threshold: descriptor.failure_threshold,
            success_threshold: descriptor.success_threshold,
            grace: descriptor.grace,
            slow: descriptor.slow,
            shared: descriptor.shared,
            tags: descriptor.tags.iter().map(ToString::to_string).collect(),
            description: descriptor.description.map(ToOwned::to_owned),
        }
    }
}
