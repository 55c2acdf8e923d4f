//! One log record per transition.

use std::time::SystemTime;

use opentelemetry::logs::{AnyValue, LogRecord, Logger, Severity};

use super::SCOPE;
use crate::core::events::{Transition, Transitions};

/// One record, before it has the type of the program's logger.
struct Event {
    name: &'static str,
    severity: Severity,
    body: String,
    attributes: Vec<(&'static str, AnyValue)>,
}

/// Emits every transition of the subscription until it ends.
pub(super) async fn emit<L: Logger>(mut transitions: Transitions, logger: L) {
    while let Some(transition) = transitions.next().await {
        let Event { name, severity, body, attributes } = Event::from(transition);
        if !logger.event_enabled(severity, SCOPE, Some(name)) {
            continue;
        }
        let now = SystemTime::now();
        let mut record = logger.create_log_record();
        record.set_event_name(name);
        record.set_timestamp(now);
        record.set_observed_timestamp(now);
        record.set_severity_number(severity);
        record.set_severity_text(severity.name());
        record.set_body(body.into());
        record.add_attributes(attributes);
        logger.emit(record);
    }
}

impl From<Transition> for Event {
    fn from(transition: Transition) -> Self {
        let severity = |is_worse| if is_worse { Severity::Warn } else { Severity::Info };
        match transition {
            Transition::Check { name, from, to, reason } => {
                let body = format!("health check `{name}` changed from {from} to {to}");
                let mut attributes =
                    vec![("check", name.into()), ("from", from.to_string().into()), ("to", to.to_string().into())];
                attributes.extend(reason.map(|reason| ("reason", reason.into())));
                Self { name: "health.check.status_changed", severity: severity(to > from), body, attributes }
            }
            Transition::Kind { kind, from, to } => {
                let body = format!("{kind} changed from {from} to {to}");
                let attributes =
                    vec![("kind", kind.as_str().into()), ("from", from.to_string().into()), ("to", to.to_string().into())];
                Self { name: "health.kind.state_changed", severity: severity(to > from), body, attributes }
            }
            Transition::Lagged(count) => {
                let body = format!("{count} transitions of health checks were dropped");
                let attributes = vec![("count", i64::try_from(count).unwrap_or(i64::MAX).into())];
                Self { name: "health.transitions_dropped", severity: Severity::Warn, body, attributes }
            }
        }
    }
}
