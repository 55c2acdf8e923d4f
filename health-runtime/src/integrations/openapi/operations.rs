//! What can be asked of a path, and what is answered.

use std::collections::BTreeMap;

use utoipa::openapi::path::{HttpMethod, OperationBuilder, Parameter, ParameterBuilder, ParameterIn, PathItem};
use utoipa::openapi::schema::{ArrayBuilder, Object, ObjectBuilder, Ref, Schema, Type};
use utoipa::openapi::{ContentBuilder, RefOr, Required, Response, ResponseBuilder};

use super::{Heard, TAG, schemas};
use crate::core::model::status::{Kind, Scope};
use crate::http::format::Format;

pub(super) fn of_all(scope: Scope, path: &str, heard: Heard) -> PathItem {
    get(operation(&id(path), summary(scope), heard))
}

pub(super) fn of_one(scope: Scope, path: &str, heard: Heard) -> PathItem {
    let check = ParameterBuilder::new()
        .name("check")
        .parameter_in(ParameterIn::Path)
        .required(Required::True)
        .description(Some("The very name of a check that is asked for at this path"))
        .schema(Some(schemas::name()))
        .build();
    get(operation(&format!("{}_check", id(path)), &format!("{}: one check", summary(scope)), heard).parameter(check))
}

fn get(operation: OperationBuilder) -> PathItem {
    PathItem::new(HttpMethod::Get, operation)
}

fn operation(id: &str, summary: &str, heard: Heard) -> OperationBuilder {
    OperationBuilder::new()
        .tag(TAG)
        .operation_id(Some(id))
        .summary(Some(summary))
        .parameters(Some(parameters(heard)))
        .response("200", report("Healthy or degraded"))
        .response("503", report("Unhealthy, starting or draining"))
        .response("404", error("There is no such check, or no check with that tag"))
        .response("405", error("Any other method than `GET`, `HEAD` and `OPTIONS`"))
}

/// Unique in a document, as the path is.
fn id(path: &str) -> String {
    format!("health{}", path.replace(|c: char| !c.is_ascii_alphanumeric(), "_"))
}

fn summary(scope: Scope) -> &'static str {
    match scope {
        Scope::Kind(Kind::Liveness) => "Is the process alive and turning?",
        Scope::Kind(Kind::Readiness) => "Can it serve traffic now?",
        Scope::Kind(Kind::Startup) => "Has it finished initialising?",
        Scope::All => "How is everything? Not a liveness probe",
    }
}

fn parameters(heard: Heard) -> Vec<Parameter> {
    let texts = || RefOr::from(ArrayBuilder::new().items(text()));
    let format = RefOr::from(text().enum_values(Some(Format::ALL.map(Format::name))));
    let mut parameters = vec![query(
        "format",
        "The format of the body, in place of what `Accept` asks for. `microprofile` and `spring` have JSON of their own shape",
        format,
    )];
    if heard.checks {
        parameters.push(query("verbose", "Says more of each check. Presence is enough, whatever the value", text().into()));
        parameters.push(query("tag", "Only the checks with this tag, or with one of several", texts()));
        if heard.exclude {
            parameters.push(query("exclude", "Leaves a check out of this answer", texts()));
        }
    }
    parameters
}

fn query(name: &str, description: &str, schema: RefOr<Schema>) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Query)
        .description(Some(description))
        .schema(Some(schema))
        .build()
}

fn text() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String)
}

/// An answer in every format there is; only the project's own body has a schema.
fn report(description: &str) -> Response {
    // `charset` is of the answer, not of the media type.
    let media_type = |format: Format| format.content_type().split(';').next().unwrap_or_default();
    let bodies: BTreeMap<&str, RefOr<Schema>> = Format::ALL
        .into_iter()
        .map(|format| match media_type(format) {
            "application/json" => ("application/json", Ref::from_schema_name(schemas::REPORT).into()),
            other if other.starts_with("text/") => (other, text().into()),
            other => (other, Object::new().into()),
        })
        .collect();
    let answer = ResponseBuilder::new().description(description);
    bodies.into_iter().fold(answer, |answer, (media_type, schema)| answer.content(media_type, body(schema))).build()
}

fn error(description: &str) -> Response {
    let schema = Ref::from_schema_name(schemas::ERROR).into();
    ResponseBuilder::new().description(description).content("application/json", body(schema)).build()
}

fn body(schema: RefOr<Schema>) -> utoipa::openapi::Content {
    ContentBuilder::new().schema(Some(schema)).build()
}
