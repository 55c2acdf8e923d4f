//! [`Args`] → [`Options`]: every rule about values and about options that exclude each other.

use std::time::Duration;

use proc_macro2::Span;
use syn::{Error, Path};

use crate::args::{Args, OptionArg};
use crate::keys::{Key, Kind};
use crate::{duration, name_list, value};

/// The default of `timeout`.
const DEFAULT_TIMEOUT: Duration = Duration::from_millis(750);
const NANOSECOND: Duration = Duration::from_nanos(1);
const MILLISECOND: Duration = Duration::from_millis(1);
const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// The options of the attribute. An option is `None` if it is absent or its value is invalid.
#[derive(Default)]
pub(crate) struct Options {
    /// Sorted, without duplicates.
    pub(crate) kinds: Vec<Kind>,
    /// By default the name of the function.
    pub(crate) name: Setting<String>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) critical: Option<bool>,
    pub(crate) cache: Option<Duration>,
    pub(crate) interval: Option<Duration>,
    pub(crate) failure_threshold: Option<u32>,
    pub(crate) success_threshold: Option<u32>,
    pub(crate) grace: Option<Duration>,
    pub(crate) slow: Option<Duration>,
    pub(crate) after: Vec<String>,
    pub(crate) tags: Vec<String>,
    pub(crate) description: Option<String>,
    /// The path of the runtime crate.
    pub(crate) runtime: Setting<Path>,
}

/// An option that needs an invalid value to differ from no value.
#[derive(Default)]
pub(crate) enum Setting<T> {
    #[default]
    Default,
    Explicit(T),
    /// Already reported. What depends on the value must not raise a second error.
    Invalid,
}

/// Validates every value and the combination of options. A missing kind is reported at `attribute`.
pub(crate) fn validate(args: &Args, function: &str, attribute: Span, errors: &mut Vec<Error>) -> Options {
    let mut options = Options::default();
    options.kinds.extend(args.kinds.iter().map(|arg| arg.kind));
    options.kinds.sort_unstable();
    if args.kinds.is_empty() && !args.kinds_uncertain {
        let message = format!(
            "health check `{function}` must have a kind; write `#[health_check(readiness)]`, or one or more of `liveness`, \
             `readiness` and `startup`"
        );
        errors.push(Error::new(attribute, message));
    }
    for option in &args.options {
        options.set(option, errors);
    }
    errors.extend(conflicts(args, &options));
    options
}

impl Options {
    fn set(&mut self, option: &OptionArg, errors: &mut Vec<Error>) {
        match option.key {
            Key::Name => self.name = ok_or_record(value::parse_name(option), errors).map_or(Setting::Invalid, Setting::Explicit),
            Key::Timeout => self.timeout = ok_or_record(value::parse_duration(option, MILLISECOND, HOUR), errors),
            Key::Critical => self.critical = ok_or_record(value::parse_bool(option), errors),
            Key::Cache => self.cache = ok_or_record(value::parse_duration(option, Duration::ZERO, DAY), errors),
            Key::Interval => self.interval = ok_or_record(value::parse_duration(option, MILLISECOND, DAY), errors),
            Key::FailureThreshold => self.failure_threshold = ok_or_record(value::parse_count(option), errors),
            Key::SuccessThreshold => self.success_threshold = ok_or_record(value::parse_count(option), errors),
            Key::Grace => self.grace = ok_or_record(value::parse_duration(option, MILLISECOND, DAY), errors),
            Key::Slow => self.slow = ok_or_record(value::parse_duration(option, NANOSECOND, HOUR), errors),
            Key::After => self.after = name_list::parse(option, errors),
            Key::Tags => self.tags = name_list::parse(option, errors),
            Key::Description => self.description = ok_or_record(value::parse_description(option), errors),
            Key::Crate => {
                self.runtime = ok_or_record(value::parse_path(option), errors).map_or(Setting::Invalid, Setting::Explicit);
            }
        }
    }
}

/// Options that exclude each other, and the remedy.
const EXCLUSIVE: [(Key, Key, &str); 2] = [
    (Key::Cache, Key::Interval, "keep `interval` for runs in the background, or `cache` for runs on demand"),
    (Key::Grace, Key::FailureThreshold, "keep `grace` for a time, or `failure_threshold` for a number of runs"),
];

/// Reports each pair of arguments that exclude each other, at the later one.
fn conflicts(args: &Args, options: &Options) -> Vec<Error> {
    let find = |key| args.options.iter().find(|option| option.key == key);
    let mut errors = Vec::new();
    for (first, second, remedy) in EXCLUSIVE {
        if let (Some(first), Some(second)) = (find(first), find(second)) {
            let (earlier, later) = if first.position < second.position { (first, second) } else { (second, first) };
            let message = format!("`{}` must not be combined with `{}`; {remedy}", later.name, earlier.name);
            errors.push(Error::new(later.name.span(), message));
        }
    }
    if let (Some(option), Some(slow)) = (find(Key::Slow), options.slow) {
        let timeout = find(Key::Timeout).map_or(Some(DEFAULT_TIMEOUT), |_| options.timeout);
        if let Some(timeout) = timeout.filter(|timeout| slow >= *timeout) {
            let timeout = duration::format(timeout);
            errors.push(option.error_at_value(&format!(
                "must be below `timeout`, which is {timeout}; choose a shorter `slow`, or a longer `timeout`"
            )));
        }
    }
    let liveness = args.kinds.iter().find(|arg| arg.kind == Kind::Liveness);
    if let (Some(critical), Some(liveness), Some(false)) = (find(Key::Critical), liveness, options.critical) {
        let (later, rule) = if critical.position > liveness.position {
            (&critical.name, "be `false` on a `liveness` check; drop it, or make the check `readiness`")
        } else {
            (&liveness.name, "be combined with `critical = false`; drop one of them, or make the check `readiness`")
        };
        errors.push(Error::new(later.span(), format!("`{later}` must not {rule}")));
    }
    errors
}

fn ok_or_record<T>(result: Result<T, Error>, errors: &mut Vec<Error>) -> Option<T> {
    result.map_err(|error| errors.push(error)).ok()
}
