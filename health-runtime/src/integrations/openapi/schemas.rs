//! The project's own body, as JSON Schema. Left open: a later version may say more.

use std::borrow::Cow;

use utoipa::openapi::schema::{
    AdditionalProperties, ArrayBuilder, KnownFormat, ObjectBuilder, Ref, SchemaFormat, SchemaType, Type,
};
use utoipa::openapi::{Object, RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::core::model::status::{HealthState, Kind, Status};
use crate::core::report::{CheckReport, Report};

pub(super) const REPORT: &str = "HealthReport";
pub(super) const CHECK: &str = "HealthCheckReport";
pub(super) const ERROR: &str = "HealthError";

impl PartialSchema for Report {
    fn schema() -> RefOr<Schema> {
        let states = [HealthState::Healthy, HealthState::Degraded, HealthState::Unhealthy].map(HealthState::as_str);
        let checks = ObjectBuilder::new()
            .property_names(Some(name()))
            .additional_properties(Some(Ref::from_schema_name(CHECK)))
            .description(Some("Each check by its name; left out where only the status is shown"));
        ObjectBuilder::new()
            .property("status", one_of(&states))
            .property("reason", described(one_of(&["starting", "draining"]), "Why it is unhealthy whatever the checks say"))
            .property("checks", checks)
            .property("truncated", described(of(Type::Boolean), "The body was too long, so it does not say everything"))
            .property("version", described(of(Type::String), "Of the application"))
            .property("uptime_seconds", count())
            .property("in_flight", described(count(), "With `?verbose`: requests under way, where they are counted"))
            .required("status")
            .into()
    }
}

impl ToSchema for Report {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed(REPORT)
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
            .description(Some("One check, with its own details beside the keys named here; from `kinds` on with `?verbose`"))
            .property("status", one_of(&statuses))
            .property("latency_ms", described(millis(), "How long the last run took that ended"))
            .property("error", described(of(Type::String), "Why it is not up"))
            .property("kinds", kinds)
            .property("critical", described(of(Type::Boolean), "Whether its failure makes the whole unhealthy"))
            .property("description", of(Type::String))
            .property("tags", ArrayBuilder::new().items(of(Type::String)))
            .property("checked_at", moment())
            .property("since", described(moment(), "When its status changed last"))
            .property("age_ms", millis())
            .property("timeout_ms", millis())
            .property("consecutive_failures", count())
            .property("error_id", described(of(Type::String), "Under which the log has the whole error"))
            .property("transitions", count())
            .required("status")
            .additional_properties(Some(AdditionalProperties::FreeForm(true)))
            .into()
    }
}

impl ToSchema for CheckReport {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed(CHECK)
    }
}

/// What a 404 and a 405 say.
pub(super) fn error() -> RefOr<Schema> {
    ObjectBuilder::new().property("error", of(Type::String)).required("error").into()
}

/// The name of a check.
pub(super) fn name() -> Object {
    of(Type::String).max_length(Some(63)).pattern(Some("^[A-Za-z0-9][A-Za-z0-9_.-]*$")).build()
}

fn of(kind: Type) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(SchemaType::new(kind))
}

fn described(schema: ObjectBuilder, description: &str) -> ObjectBuilder {
    schema.description(Some(description))
}

fn one_of(words: &[&'static str]) -> ObjectBuilder {
    of(Type::String).enum_values(Some(words.iter().copied()))
}

fn count() -> ObjectBuilder {
    of(Type::Integer).minimum(Some(0))
}

/// To the microsecond.
fn millis() -> ObjectBuilder {
    of(Type::Number).minimum(Some(0))
}

fn moment() -> ObjectBuilder {
    of(Type::String).format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
}
