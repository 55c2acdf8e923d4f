//! The JSON report as JSON Schema. The schemas allow further properties, because a later version may add some.

use std::borrow::Cow;

use utoipa::openapi::schema::{AdditionalProperties, ArrayBuilder, KnownFormat, ObjectBuilder, SchemaFormat, Type};
use utoipa::openapi::{Ref, RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::core::model::status::{HealthState, Kind, Status};
use crate::core::report::{CheckReport, Report};

pub(super) const REPORT: &str = "HealthReport";
pub(super) const CHECK: &str = "HealthCheckReport";
pub(super) const ERROR: &str = "HealthError";

impl PartialSchema for Report {
    fn schema() -> RefOr<Schema> {
        let states = [HealthState::Healthy, HealthState::Degraded, HealthState::Unhealthy].map(HealthState::as_str);
        let reason = typed(Type::String).pattern(Some("^(starting$|draining$|maintenance: )")).max_length(Some(256));
        let reason = described(reason, "Why the state is unhealthy regardless of the checks");
        let checks = ObjectBuilder::new()
            .property_names(Some(name()))
            .additional_properties(Some(Ref::from_schema_name(CHECK)))
            .description(Some("The checks by name; omitted if only the status is exposed"));
        ObjectBuilder::new()
            .property("status", one_of(&states))
            .property("reason", reason)
            .property("checks", checks)
            .property("truncated", described(typed(Type::Boolean), "The body exceeded the maximum size and is incomplete"))
            .property("version", described(typed(Type::String), "The version of the application"))
            .property("uptime_seconds", count())
            .property("in_flight", described(count(), "With `?verbose`: the number of requests in flight, if they are counted"))
            .required("status")
            .into()
    }
}

impl ToSchema for Report {
    fn name() -> Cow<'static, str> {
        REPORT.into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((CHECK.to_owned(), CheckReport::schema()));
    }
}

impl PartialSchema for CheckReport {
    fn schema() -> RefOr<Schema> {
        let statuses = [Status::Up, Status::Degraded, Status::Unknown, Status::Down].map(Status::as_str);
        let kinds = ArrayBuilder::new().items(one_of(&Kind::ALL.map(Kind::as_str)));
        ObjectBuilder::new()
            .description(Some(
                "One check. Its details are further properties; `kinds` and the properties after it need `?verbose`",
            ))
            .property("status", one_of(&statuses))
            .property("latency_ms", described(millis(), "The duration of the last finished run"))
            .property("error", described(typed(Type::String), "Why the status is not up"))
            .property("cause", described(typed(Type::String), "The text of the error chain, if errors are exposed"))
            .property("kinds", kinds)
            .property("critical", described(typed(Type::Boolean), "Whether its failure makes the overall state unhealthy"))
            .property("description", typed(Type::String))
            .property("tags", ArrayBuilder::new().items(typed(Type::String)))
            .property("checked_at", date_time())
            .property("since", described(date_time(), "When the status last changed"))
            .property("age_ms", millis())
            .property("timeout_ms", millis())
            .property("consecutive_failures", count())
            .property("error_id", described(typed(Type::String), "The id of the log record with the full error"))
            .property("transitions", count())
            .required("status")
            .additional_properties(Some(AdditionalProperties::FreeForm(true)))
            .into()
    }
}

impl ToSchema for CheckReport {
    fn name() -> Cow<'static, str> {
        CHECK.into()
    }
}

/// Returns the schema of the body of a 404 and a 405.
pub(super) fn error() -> RefOr<Schema> {
    ObjectBuilder::new().property("error", typed(Type::String)).required("error").into()
}

/// Returns the schema of the name of a check.
pub(super) fn name() -> ObjectBuilder {
    typed(Type::String).max_length(Some(63)).pattern(Some("^[A-Za-z0-9][A-Za-z0-9_.-]*$"))
}

pub(super) fn typed(kind: Type) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(kind)
}

fn described(schema: ObjectBuilder, description: &str) -> ObjectBuilder {
    schema.description(Some(description))
}

fn one_of(values: &[&'static str]) -> ObjectBuilder {
    typed(Type::String).enum_values(Some(values.iter().copied()))
}

fn count() -> ObjectBuilder {
    typed(Type::Integer).minimum(Some(0))
}

/// Returns the schema of milliseconds with up to three decimals.
fn millis() -> ObjectBuilder {
    typed(Type::Number).minimum(Some(0))
}

fn date_time() -> ObjectBuilder {
    typed(Type::String).format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
}
