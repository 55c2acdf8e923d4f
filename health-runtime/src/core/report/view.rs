//! The part of a report that one prober may see.

use std::borrow::Cow;

use super::{CheckReport, Report};
use crate::core::model::detail::Detail;
use crate::core::model::status::{HealthState, Scope, Status};
use crate::text::truncate::truncate;

/// How much of its checks an endpoint shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum Expose {
    /// Shows the overall status only: no names and no version. `/{check}` and `?tag=` return 404; `?exclude=` and `?verbose` are
    /// ignored.
    Status,
    /// Shows every check with its status, latency and details. `error` is the reason that the author of the check gave, with
    /// credentials masked, or a phrase from a fixed list instead of the text of an error. The default.
    #[default]
    Reasons,
    /// Shows also `cause` after `error`, where a check returned an `Err`: the text of the error chain, with credentials masked.
    Errors,
}

/// The maximum length of a body in bytes, unless it is verbose.
pub(crate) const MAX_BODY_BYTES: usize = 8192;

/// The maximum length in bytes of a reason in a body that is too long otherwise.
const MAX_SHORT_REASON_BYTES: usize = 64;

/// What a request asks of the body.
#[derive(Debug, Clone, Default)]
pub(crate) struct ViewOptions<'a> {
    pub(crate) expose: Expose,
    pub(crate) verbose: bool,
    /// The request names one check.
    pub(crate) single_check: bool,
    /// Names of checks that the request excludes, sorted.
    pub(crate) excluded: Vec<&'a str>,
    /// Excluded names that no check has, sorted.
    pub(crate) unknown: Vec<&'a str>,
}

/// A report as one prober may see it.
pub(crate) struct ReportView<'a> {
    report: &'a Report,
    scope: Scope,
    options: &'a ViewOptions<'a>,
    entries: Vec<CheckView<'a>>,
    /// How many of the entries are shown, from the first on.
    shown: usize,
    truncated: bool,
}

/// A check as one prober may see it.
pub(crate) struct CheckView<'a> {
    pub(crate) check: &'a CheckReport,
    pub(crate) error: Option<Cow<'a, str>>,
    /// The text of the error chain, where the prober may see it.
    pub(crate) cause: Option<Cow<'a, str>>,
    pub(crate) details: &'a [Detail],
}

impl<'a> ReportView<'a> {
    pub(crate) fn new(report: &'a Report, scope: Scope, options: &'a ViewOptions<'a>) -> Self {
        let entry = |check: &'a CheckReport| {
            let cause = check.cause().filter(|_| options.expose >= Expose::Errors);
            CheckView {
                check,
                error: check.error().map(Cow::Borrowed),
                cause: cause.map(Cow::Borrowed),
                details: check.details(),
            }
        };
        let entries: Vec<_> = if options.expose > Expose::Status { report.checks().map(entry).collect() } else { Vec::new() };
        let shown = entries.len();
        Self { report, scope, options, entries, shown, truncated: false }
    }

    /// Renders a body of at most [`MAX_BODY_BYTES`]: checks that are up are omitted first, then details and the rest of long
    /// reasons, then entries from the end.
    pub(crate) fn render(mut self, format: fn(&ReportView<'_>) -> Vec<u8>) -> Vec<u8> {
        let mut body = format(&self);
        if self.options.verbose || body.len() <= MAX_BODY_BYTES {
            return body;
        }
        self.truncated = true;
        self.entries.retain(|entry| entry.check.status() != Status::Up);
        self.shown = self.entries.len();
        body = format(&self);
        if body.len() > MAX_BODY_BYTES {
            self.entries.iter_mut().for_each(CheckView::shorten);
            body = format(&self);
        }
        if body.len() > MAX_BODY_BYTES {
            body = self.largest_fitting(format);
        }
        body
    }

    /// Renders with as many entries as fit. A binary search renders the body a few times; omitting one entry after the other would
    /// render it as often as there are checks.
    fn largest_fitting(&mut self, format: fn(&ReportView<'_>) -> Vec<u8>) -> Vec<u8> {
        let (mut fits, mut too_many) = (0, self.shown);
        self.shown = 0;
        let mut body = format(self);
        while fits + 1 < too_many {
            let half = usize::midpoint(fits, too_many);
            self.shown = half;
            let rendered = format(self);
            if rendered.len() <= MAX_BODY_BYTES {
                (fits, body) = (half, rendered);
            } else {
                too_many = half;
            }
        }
        body
    }

    pub(crate) fn state(&self) -> HealthState {
        self.report.state()
    }

    /// Returns the state that a check causes in this response. Once startup has passed, a failing startup check leaves it degraded.
    pub(crate) fn impact(&self, check: &CheckReport) -> HealthState {
        self.report.impact(check).min(self.state())
    }

    pub(crate) fn scope(&self) -> Scope {
        self.scope
    }

    /// Whether the prober may see more than the overall status.
    pub(crate) fn shows_checks(&self) -> bool {
        self.options.expose > Expose::Status
    }

    pub(crate) fn is_verbose(&self) -> bool {
        self.options.verbose
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

    pub(crate) fn entries(&self) -> &[CheckView<'a>] {
        self.entries.get(..self.shown).unwrap_or(&self.entries)
    }

    pub(crate) fn options(&self) -> &ViewOptions<'a> {
        self.options
    }
}

impl CheckView<'_> {
    fn shorten(&mut self) {
        self.details = &[];
        for text in [&mut self.error, &mut self.cause].into_iter().flatten() {
            if text.len() > MAX_SHORT_REASON_BYTES {
                *text = Cow::Owned(truncate(text, MAX_SHORT_REASON_BYTES).into_owned());
            }
        }
    }
}
