//! The arguments of a program that is its own client.

use std::ffi::OsString;
use std::time::Duration;

use crate::core::model::policy::MAX_DURATION;
use crate::text::duration_grammar;

const PROBE: &str = "--health-probe";
const WAIT: &str = "--health-wait";

/// What the arguments ask for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum ProbeCommand {
    /// One query of this URL.
    Once(String),
    /// Queries of this URL until it is healthy, at most for this long.
    Wait(Duration, String),
}

impl ProbeCommand {
    /// Returns the command of the arguments, or `None` if they do not start with a flag.
    pub(super) fn from_args(arguments: impl IntoIterator<Item = OsString>) -> Option<Result<Self, String>> {
        let mut arguments = arguments.into_iter().map(|argument| argument.to_string_lossy().into_owned());
        let first = arguments.next()?;
        let (flag, value) = match first.split_once('=') {
            Some((flag, value)) => (flag, Some(value.to_owned())),
            None => (&*first, None),
        };
        let mut values = value.into_iter().chain(arguments);
        match flag {
            PROBE => Some(Self::once(values)),
            WAIT => Some(Self::wait(values.next(), values)),
            _ => None,
        }
    }

    fn once(values: impl Iterator<Item = String>) -> Result<Self, String> {
        let url = only_url(values, PROBE, "a URL", "write `--health-probe http://127.0.0.1:8080/readyz`")?;
        Ok(Self::Once(url))
    }

    fn wait(duration: Option<String>, values: impl Iterator<Item = String>) -> Result<Self, String> {
        let remedy = "write `--health-wait 30s http://127.0.0.1:8080/readyz`";
        let url = only_url(values, WAIT, "a duration and a URL", remedy)?;
        let duration = duration.unwrap_or_default();
        match duration_grammar::parse(&duration) {
            Ok(limit) if limit <= MAX_DURATION => Ok(Self::Wait(limit, url)),
            Ok(limit) => Err(format!("`{WAIT}` has a duration of {limit:?}; give at most 24h")),
            Err(problem) => Err(format!("`{WAIT}` has the duration {duration:?}: {problem}; {remedy}")),
        }
    }
}

/// Returns the only value, which is not empty.
fn only_url(mut values: impl Iterator<Item = String>, flag: &str, needs: &str, remedy: &str) -> Result<String, String> {
    match (values.next().filter(|url| !url.is_empty()), values.next()) {
        (Some(url), None) => Ok(url),
        (None, _) => Err(format!("`{flag}` needs {needs}; {remedy}")),
        (Some(_), Some(_)) => Err(format!("`{flag}` takes exactly one URL; {remedy}")),
    }
}
