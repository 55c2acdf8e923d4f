//! What the attribute says of a check, as a constant that the linker gathers.

use std::pin::Pin;
use std::time::Duration;

use crate::core::model::outcome::Outcome;
use crate::core::model::policy;
use crate::core::model::status::Kind;
use crate::core::registry::state::Call;

/// The future of one run, which borrows its arguments from the registered state.
pub type RunFuture<'c> = Pin<Box<dyn Future<Output = Outcome> + Send + 'c>>;

/// How a linked check is called. `None` when a plan was asked for, or when state is missing.
#[derive(Clone, Copy)]
pub enum LinkedRun {
    /// An `async fn`.
    Async(for<'c> fn(&mut Call<'c>) -> Option<RunFuture<'c>>),
    /// A plain `fn`, which may block and gets a thread of its own.
    Blocking(for<'c> fn(&mut Call<'c>) -> Option<Outcome>),
}

/// Where a check stands in the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// As `file!()` gives it.
    pub file: &'static str,
    /// The line of the function's name.
    pub line: u32,
    /// The column of the function's name.
    pub column: u32,
    /// As `module_path!()` gives it.
    pub module: &'static str,
}

/// One annotated function.
pub struct Descriptor {
    /// The name, valid and at most 63 bytes.
    pub name: &'static str,
    /// At least one, each once.
    pub kinds: &'static [Kind],
    /// See the attribute's option of this name, as for the following.
    pub timeout: Duration,
    /// See above.
    pub critical: bool,
    /// See above.
    pub cache: Duration,
    /// See above.
    pub interval: Option<Duration>,
    /// See above.
    pub failure_threshold: u32,
    /// See above.
    pub success_threshold: u32,
    /// See above.
    pub tags: &'static [&'static str],
    /// See above.
    pub description: Option<&'static str>,
    /// Where the function stands.
    pub place: Place,
    /// How it is called.
    pub run: LinkedRun,
}

impl Descriptor {
    /// One with every option left to its default.
    pub const fn new(name: &'static str, kinds: &'static [Kind], place: Place, run: LinkedRun) -> Self {
        Self {
            name,
            kinds,
            timeout: policy::DEFAULT_TIMEOUT,
            critical: true,
            cache: policy::DEFAULT_CACHE,
            interval: None,
            failure_threshold: 1,
            success_threshold: 1,
            tags: &[],
            description: None,
            place,
            run,
        }
    }
}

inventory::collect!(Descriptor);
