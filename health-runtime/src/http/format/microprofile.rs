//! The body of MicroProfile Health 4: `status` and a list of `checks`, and no other fields.
//!
//! By the specification the status is `DOWN` if one check is `DOWN`. So a check that leaves the state healthy or degraded is
//! `UP` here, with its own status in `data`. The format has no field that marks a truncated body.
//!
//! <https://download.eclipse.org/microprofile/microprofile-health-4.0/microprofile-health-spec-4.0.html>

use serde::Serialize;

use super::native_fields::NativeFields;
use super::to_json;
use crate::core::model::status::{HealthState, Status};
use crate::core::report::view::{CheckView, ReportView};

/// The name of the check that is down while the service starts, drains or is in maintenance. Names of other checks contain no space.
const LIFECYCLE: &str = "service lifecycle";

#[derive(Serialize)]
struct Body<'v> {
    status: &'static str,
    checks: Vec<CheckEntry<'v>>,
}

#[derive(Serialize)]
struct CheckEntry<'v> {
    name: &'v str,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Data<'v>>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Data<'v> {
    Lifecycle { reason: &'v str },
    Check(NativeFields<'v>),
}

pub(super) fn body(view: &ReportView<'_>) -> Vec<u8> {
    let lifecycle = view.reason().filter(|_| view.shows_checks()).map(|reason| {
        let status = state_str(HealthState::Unhealthy);
        CheckEntry { name: LIFECYCLE, status, data: Some(Data::Lifecycle { reason }) }
    });
    let checks = view.entries().iter().map(|entry| check_entry(view, entry));
    to_json(&Body { status: state_str(view.state()), checks: lifecycle.into_iter().chain(checks).collect() })
}

fn state_str(state: HealthState) -> &'static str {
    match state {
        HealthState::Healthy | HealthState::Degraded => "UP",
        HealthState::Unhealthy => "DOWN",
    }
}

fn check_entry<'v>(view: &ReportView<'_>, entry: &'v CheckView<'_>) -> CheckEntry<'v> {
    let effect = view.impact(entry.check);
    let status_is_lossless = match entry.check.status() {
        Status::Up => true,
        Status::Down => effect == HealthState::Unhealthy,
        Status::Degraded | Status::Unknown => false,
    };
    let data = NativeFields { entry, status_is_lossless, allow_nested: false };
    let data = (!data.is_empty()).then_some(Data::Check(data));
    CheckEntry { name: entry.check.name(), status: state_str(effect), data }
}
