//! [`Args`] → [`Options`]: every rule about values and about options that exclude each other.

use std::ops::RangeInclusive;
use std::time::Duration;

use proc_macro2::Span;
use syn::{Error, Path};

use crate::args::{Args, OptionArg};
use crate::constant::{Rule, Value};
use crate::keys::{Key, Kind};
use crate::type_printer::print_type;
use crate::{duration, name_list, value};

/// The default of `timeout`.
const DEFAULT_TIMEOUT: Duration = Duration::from_millis(750);
const NANOSECOND: Duration = Duration::from_nanos(1);
const MILLISECOND: Duration = Duration::from_millis(1);
const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

const TIMEOUTS: RangeInclusive<Duration> = MILLISECOND..=HOUR;
const CACHES: RangeInclusive<Duration> = Duration::ZERO..=DAY;
const INTERVALS: RangeInclusive<Duration> = MILLISECOND..=DAY;
const GRACES: RangeInclusive<Duration> = MILLISECOND..=DAY;
const SLOWS: RangeInclusive<Duration> = NANOSECOND..=HOUR;

/// The options of the attribute. An option is `None` if it is absent or its value is invalid.
#[derive(Default)]
pub(crate) struct Options {
    /// Sorted, without duplicates.
    pub(crate) kinds: Vec<Kind>,
    /// By default the name of the function.
    pub(crate) name: Setting<String>,
    pub(crate) timeout: Option<Value<Duration>>,
    pub(crate) critical: Option<Value<bool>>,
    pub(crate) cache: Option<Value<Duration>>,
    pub(crate) interval: Option<Value<Duration>>,
    pub(crate) failure_threshold: Option<Value<u32>>,
    pub(crate) success_threshold: Option<Value<u32>>,
    pub(crate) grace: Option<Value<Duration>>,
    pub(crate) slow: Option<Value<Duration>>,
    pub(crate) shared: Option<Value<bool>>,
    pub(crate) after: Vec<String>,
    pub(crate) quorum: Option<Value<u32>>,
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
    errors.extend(conflicts(args, &mut options));
    options
}

impl Options {
    fn set(&mut self, option: &OptionArg, errors: &mut Vec<Error>) {
        match option.key {
            Key::Name => self.name = ok_or_record(value::parse_name(option), errors).map_or(Setting::Invalid, Setting::Explicit),
            Key::Timeout => self.timeout = ok_or_record(value::parse_duration(option, &TIMEOUTS), errors),
            Key::Critical => self.critical = ok_or_record(value::parse_bool(option), errors),
            Key::Cache => self.cache = ok_or_record(value::parse_duration(option, &CACHES), errors),
            Key::Interval => self.interval = ok_or_record(value::parse_duration(option, &INTERVALS), errors),
            Key::FailureThreshold => self.failure_threshold = ok_or_record(value::parse_count(option), errors),
            Key::SuccessThreshold => self.success_threshold = ok_or_record(value::parse_count(option), errors),
            Key::Grace => self.grace = ok_or_record(value::parse_duration(option, &GRACES), errors),
            Key::Slow => self.slow = ok_or_record(value::parse_duration(option, &SLOWS), errors),
            Key::Shared => self.shared = ok_or_record(value::parse_bool(option), errors),
            Key::After => self.after = name_list::parse(option, errors),
            Key::Quorum => self.quorum = ok_or_record(value::parse_count(option), errors),
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

/// Reports each pair of arguments that exclude each other, at the later one. What depends on a constant is left to the compiler.
fn conflicts(args: &Args, options: &mut Options) -> Vec<Error> {
    let find = |key| args.options.iter().find(|option| option.key == key);
    let mut errors = Vec::new();
    for (first, second, remedy) in EXCLUSIVE {
        if let (Some(first), Some(second)) = (find(first), find(second)) {
            let (earlier, later) = if first.position < second.position { (first, second) } else { (second, first) };
            let message = format!("`{}` must not be combined with `{}`; {remedy}", later.name, earlier.name);
            errors.push(Error::new(later.name.span(), message));
        }
    }
    if let Some(slow) = find(Key::Slow) {
        let timeout = if find(Key::Timeout).is_some() { options.timeout.clone() } else { Some(Value::Literal(DEFAULT_TIMEOUT)) };
        errors.extend(timeout.and_then(|timeout| relate_slow(slow, timeout, options)));
    }
    errors.extend(shared_conflict(args, options));
    let liveness = args.kinds.iter().find(|arg| arg.kind == Kind::Liveness);
    let must_not_be_false = "be `false` on a `liveness` check; drop it, or make the check `readiness`";
    match (find(Key::Critical), liveness, &mut options.critical) {
        (Some(critical), Some(liveness), Some(Value::Literal(false))) => {
            let (later, rule) = if critical.position > liveness.position {
                (&critical.name, must_not_be_false)
            } else {
                (&liveness.name, "be combined with `critical = false`; drop one of them, or make the check `readiness`")
            };
            errors.push(Error::new(later.span(), format!("`{later}` must not {rule}")));
        }
        (Some(critical), Some(_), Some(Value::Constant(constant))) => {
            constant.rule = Rule::IsTrue;
            constant.problem = format!("`{}` must not {must_not_be_false}", critical.name);
        }
        _ => {}
    }
    errors
}

/// Reports `shared = true` on a check for which no peer is asked: one that is not `readiness`, is `liveness` too, or is not
/// critical. What depends on a constant is found at the start.
fn shared_conflict(args: &Args, options: &Options) -> Option<Error> {
    let shared = args.options.iter().find(|option| option.key == Key::Shared)?;
    if !matches!(options.shared, Some(Value::Literal(true))) || args.kinds_uncertain {
        return None;
    }
    let (is_readiness, is_liveness) = (options.kinds.contains(&Kind::Readiness), options.kinds.contains(&Kind::Liveness));
    let problem = match options.critical {
        _ if is_liveness => {
            "must not be on a `liveness` check, which never asks other instances; drop it, or make the check `readiness`"
        }
        _ if !is_readiness && !options.kinds.is_empty() => "must be on a `readiness` check; add `readiness`, or drop `shared`",
        Some(Value::Literal(false)) => {
            "must not be combined with `critical = false`, with which an instance never leaves rotation; drop one of them"
        }
        _ => return None,
    };
    Some(Error::new(shared.name.span(), format!("`shared` {problem}")))
}

/// Requires that `slow` is below `timeout`. Returns the error where both are known; otherwise the compiler checks a constant.
fn relate_slow(option: &OptionArg, timeout: Value<Duration>, options: &mut Options) -> Option<Error> {
    match (&mut options.slow, timeout) {
        (Some(Value::Literal(slow)), Value::Literal(timeout)) if *slow >= timeout => {
            let timeout = duration::format(timeout);
            let problem = format!("must be below `timeout`, which is {timeout}; choose a shorter `slow`, or a longer `timeout`");
            return Some(option.error_at_value(&problem));
        }
        (Some(Value::Literal(slow)), Value::Constant(_)) => {
            let slow = *slow;
            if let Some(Value::Constant(timeout)) = &mut options.timeout {
                timeout.rule = Rule::Above(slow, *TIMEOUTS.end());
                let path = print_type(timeout.path.clone());
                timeout.problem = format!(
                    "`timeout` must be above `slow`, which is {}, and at most 1h; change `{path}`",
                    duration::format(slow)
                );
            }
        }
        (Some(Value::Constant(slow)), timeout) => {
            let path = print_type(slow.path.clone());
            let limit = match &timeout {
                Value::Literal(timeout) => format!("which is {}", duration::format(*timeout)),
                Value::Constant(timeout) => format!("which is `{}`", print_type(timeout.path.clone())),
            };
            slow.problem = format!("`slow` must be above 0s and below `timeout`, {limit}; change `{path}`");
            slow.rule = Rule::Below(Box::new(timeout));
        }
        (Some(Value::Literal(_)) | None, _) => {}
    }
    None
}

fn ok_or_record<T>(result: Result<T, Error>, errors: &mut Vec<Error>) -> Option<T> {
    result.map_err(|error| errors.push(error)).ok()
}
