//! [`Args`] → [`Options`]: every rule about the values and about options that exclude each other.

use std::time::Duration;

use proc_macro2::Span;
use syn::{Error, Path};

use crate::args::{Args, Given};
use crate::keys::{Key, Kind};
use crate::{names, value};

const MILLISECOND: Duration = Duration::from_millis(1);
const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// What the attribute says. An option that was left out, or whose value is wrong, is `None`.
#[derive(Default)]
pub(crate) struct Options {
    /// Each once, in the order of the enum.
    pub(crate) kinds: Vec<Kind>,
    pub(crate) name: Name,
    pub(crate) timeout: Option<Duration>,
    pub(crate) critical: Option<bool>,
    pub(crate) cache: Option<Duration>,
    pub(crate) interval: Option<Duration>,
    pub(crate) failure_threshold: Option<u32>,
    pub(crate) success_threshold: Option<u32>,
    pub(crate) tags: Vec<String>,
    pub(crate) description: Option<String>,
    pub(crate) runtime: Runtime,
}

#[derive(Default)]
pub(crate) enum Name {
    /// The function's own, which must obey the grammar then.
    #[default]
    OfFunction,
    Given(String),
    /// Reported already: the function's own name is not at fault.
    Wrong,
}

/// The path of the runtime crate.
#[derive(Default)]
pub(crate) enum Runtime {
    #[default]
    Usual,
    Given(Path),
    /// Reported already: whatever named the runtime would raise a second error.
    Wrong,
}

/// `attribute` is where a missing kind is reported, in words that name the function.
pub(crate) fn validate(args: &Args, function: &str, attribute: Span, errors: &mut Vec<Error>) -> Options {
    let mut options = Options::default();
    options.kinds.extend(args.kinds.iter().map(|given| given.kind));
    options.kinds.sort_unstable();
    if args.kinds.is_empty() && !args.kinds_are_unclear {
        let message = format!(
            "health check `{function}` must have a kind; write `#[health_check(readiness)]`, or one or more of `liveness`, \
             `readiness` and `startup`"
        );
        errors.push(Error::new(attribute, message));
    }
    for given in &args.options {
        options.set(given, errors);
    }
    errors.extend(contradictions(args, &options));
    options
}

impl Options {
    fn set(&mut self, given: &Given, errors: &mut Vec<Error>) {
        match given.key {
            Key::Name => self.name = kept(value::a_name(given), errors).map_or(Name::Wrong, Name::Given),
            Key::Timeout => self.timeout = kept(value::time(given, MILLISECOND, HOUR), errors),
            Key::Critical => self.critical = kept(value::flag(given), errors),
            Key::Cache => self.cache = kept(value::time(given, Duration::ZERO, DAY), errors),
            Key::Interval => self.interval = kept(value::time(given, MILLISECOND, DAY), errors),
            Key::FailureThreshold => self.failure_threshold = kept(value::count(given), errors),
            Key::SuccessThreshold => self.success_threshold = kept(value::count(given), errors),
            Key::Tags => self.tags = names::read(given, errors),
            Key::Description => self.description = kept(value::a_description(given), errors),
            Key::Crate => self.runtime = kept(value::path(given), errors).map_or(Runtime::Wrong, Runtime::Given),
        }
    }
}

/// Each on the later of the two that exclude each other.
fn contradictions(args: &Args, options: &Options) -> Vec<Error> {
    let given = |key| args.options.iter().find(|given| given.key == key);
    let mut errors = Vec::new();
    if let (Some(cache), Some(interval)) = (given(Key::Cache), given(Key::Interval)) {
        let (earlier, later) = if cache.position < interval.position { (cache, interval) } else { (interval, cache) };
        let message = format!(
            "`{}` must not stand beside `{}`; keep `interval` for runs in the background, or `cache` for runs on demand",
            later.word, earlier.word
        );
        errors.push(Error::new(later.word.span(), message));
    }
    let liveness = args.kinds.iter().find(|given| given.kind == Kind::Liveness);
    if let (Some(critical), Some(liveness), Some(false)) = (given(Key::Critical), liveness, options.critical) {
        errors.push(if critical.position > liveness.position {
            let message = "`critical` must not be `false` on a check that is `liveness`; drop it, or make the check `readiness`";
            Error::new(critical.word.span(), message)
        } else {
            let message = "`liveness` must not stand beside `critical = false`; drop one of them, or make the check `readiness`";
            Error::new(liveness.word.span(), message)
        });
    }
    errors
}

fn kept<T>(read: Result<T, Error>, errors: &mut Vec<Error>) -> Option<T> {
    read.map_err(|error| errors.push(error)).ok()
}
