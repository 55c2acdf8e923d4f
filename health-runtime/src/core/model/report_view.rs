//! How much of a report a reader may see.

use std::borrow::Cow;

use crate::core::model::outcome::Detail;
use crate::core::model::report::{CheckReport, Report};
use crate::core::model::status::{HealthState, Scope, Status};
use crate::text::truncate::truncate;

/// How much of its checks an endpoint shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum Expose {
    /// The status of the whole and nothing else: no names, no version. One check alone and `?tag=` are 404, `?exclude=`
    /// and `?verbose` are not heard.
    Status,
    /// Every check with its status, latency and details; `error` is the reason that the author of the check gave, with
    /// credentials masked, or a phrase from a fixed list in place of the text of an error. The default.
    #[default]
    Reasons,
    /// Also the text of the whole chain of an error, with credentials masked.
    Errors,
}

/// The longest body in bytes, unless everything was asked for.
pub(crate) const LONGEST_BODY: usize = 8192;

/// The most bytes that are left of a reason when a body is too long.
const SHORT_REASON: usize = 64;

/// What was asked about an answer, beside what it is to say.
#[derive(Debug, Clone, Default)]
pub(crate) struct Asked<'a> {
    pub(crate) expose: Expose,
    pub(crate) verbose: bool,
    /// One check alone, by its name.
    pub(crate) alone: bool,
    /// Checks that were left out.
    pub(crate) excluded: Vec<&'a str>,
    /// Names that were to be left out and that no check has.
    pub(crate) unknown: Vec<&'a str>,
}

/// A report as one reader may see it.
pub(crate) struct View<'a> {
    report: &'a Report,
    scope: Scope,
    asked: &'a Asked<'a>,
    entries: Vec<Entry<'a>>,
    /// How many of them, from the first on.
    shown: usize,
    truncated: bool,
}

/// A check as one reader may see it.
pub(crate) struct Entry<'a> {
    pub(crate) check: &'a CheckReport,
    pub(crate) error: Option<Cow<'a, str>>,
    pub(crate) details: &'a [Detail],
}

impl<'a> View<'a> {
    pub(crate) fn new(report: &'a Report, scope: Scope, asked: &'a Asked<'a>) -> Self {
        let entry = |check: &'a CheckReport| {
            let error = if asked.expose >= Expose::Errors { check.full_error() } else { check.error() };
            Entry { check, error: error.map(Cow::Borrowed), details: check.details() }
        };
        let entries = if asked.expose > Expose::Status { report.checks().map(entry).collect() } else { Vec::new() };
        let shown = entries.len();
        Self { report, scope, asked, entries, shown, truncated: false }
    }

    /// Rendered so that it fits into the longest body: what is up goes first, then details and the rest of long reasons,
    /// then entries from the end.
    pub(crate) fn render(mut self, format: fn(&View<'_>) -> Vec<u8>) -> Vec<u8> {
        let mut body = format(&self);
        if self.asked.verbose || body.len() <= LONGEST_BODY {
            return body;
        }
        self.truncated = true;
        self.entries.retain(|entry| entry.check.status() != Status::Up);
        self.shown = self.entries.len();
        body = format(&self);
        if body.len() > LONGEST_BODY {
            self.entries.iter_mut().for_each(Entry::shorten);
            body = format(&self);
        }
        if body.len() > LONGEST_BODY {
            body = self.most_that_fits(format);
        }
        body
    }

    /// With as many entries as fit: a search by halves, because one that gave up entry after entry would render the body
    /// as often as there are checks.
    fn most_that_fits(&mut self, format: fn(&View<'_>) -> Vec<u8>) -> Vec<u8> {
        let (mut fits, mut too_many) = (0, self.shown);
        self.shown = 0;
        let mut body = format(self);
        while fits + 1 < too_many {
            let half = usize::midpoint(fits, too_many);
            self.shown = half;
            let tried = format(self);
            if tried.len() <= LONGEST_BODY {
                (fits, body) = (half, tried);
            } else {
                too_many = half;
            }
        }
        body
    }

    pub(crate) fn state(&self) -> HealthState {
        self.report.state()
    }

    /// What a check makes of this answer: once startup has passed, one of its checks that fails leaves it degraded.
    pub(crate) fn effect(&self, check: &CheckReport) -> HealthState {
        check.effect(self.scope).min(self.state())
    }

    pub(crate) fn scope(&self) -> Scope {
        self.scope
    }

    /// Whether there is more to see than the state.
    pub(crate) fn is_open(&self) -> bool {
        self.asked.expose > Expose::Status
    }

    pub(crate) fn is_verbose(&self) -> bool {
        self.asked.verbose
    }

    pub(crate) fn is_truncated(&self) -> bool {
        self.truncated
    }

    pub(crate) fn reason(&self) -> Option<&str> {
        self.report.reason()
    }

    pub(crate) fn report(&self) -> &Report {
        self.report
    }

    pub(crate) fn entries(&self) -> &[Entry<'a>] {
        self.entries.get(..self.shown).unwrap_or(&self.entries)
    }

    pub(crate) fn asked(&self) -> &Asked<'a> {
        self.asked
    }
}

impl Entry<'_> {
    fn shorten(&mut self) {
        self.details = &[];
        if let Some(error) = self.error.as_mut().filter(|error| error.len() > SHORT_REASON) {
            *error = Cow::Owned(truncate(error, SHORT_REASON).into_owned());
        }
    }
}
