//! The operations: their parameters and responses.

use std::collections::BTreeMap;

use utoipa::openapi::path::{HttpMethod, OperationBuilder, Parameter, ParameterBuilder, ParameterIn, PathItem};
use utoipa::openapi::schema::{ArrayBuilder, Object, ObjectBuilder, Ref, Schema, Type};
use utoipa::openapi::{ContentBuilder, RefOr, Required, Response, ResponseBuilder};

use super::{SupportedParams, TAG, schemas};
use crate::core::model::status::{Kind, Scope};
use crate::http::format::Format;

pub(super) fn scope_operation(scope: Scope, path: &str, params: SupportedParams) -> PathItem {
    get(operation(&id(path), summary(scope), params))
}

pub(super) fn check_operation(scope: Scope, path: &str, params: SupportedParams) -> PathItem {
    let check = ParameterBuilder::new()
        .name("check")
        .parameter_in(ParameterIn::Path)
        .required(Required::True)
        .description(Some("The exact name of a check of this path"))
        .schema(Some(schemas::name()))
        .build();
    get(operation(&format!("{}_check", id(path)), &format!("{}: one check", summary(scope)), params).parameter(check))
}

fn get(operation: OperationBuilder) -> PathItem {
    PathItem::new(HttpMethod::Get, operation)
}

fn operation(id: &str, summary: &str, params: SupportedParams) -> OperationBuilder {
    OperationBuilder::new()
        .tag(TAG)
        .operation_id(Some(id))
        .summary(Some(summary))
        .parameters(Some(parameters(params)))
        .response("200", report("Healthy or degraded"))
        .response("503", report("Unhealthy, starting or draining"))
        .response("404", error("No check has this name or tag"))
        .response("405", error("The method is not `GET`, `HEAD` or `OPTIONS`"))
}

/// Returns an operation id, unique because paths are unique.
fn id(path: &str) -> String {
    format!("health{}", path.replace(|c: char| !c.is_ascii_alphanumeric(), "_"))
}

fn summary(scope: Scope) -> &'static str {
    match scope {
        Scope::Kind(Kind::Liveness) => "Is the process alive and making progress?",
        Scope::Kind(Kind::Readiness) => "Can it serve traffic now?",
        Scope::Kind(Kind::Startup) => "Has it finished initialising?",
        Scope::All => "What is the overall health? Not a liveness probe",
    }
}

fn parameters(params: SupportedParams) -> Vec<Parameter> {
    let texts = || RefOr::from(ArrayBuilder::new().items(text()));
    let format = RefOr::from(text().enum_values(Some(Format::ALL.map(Format::name))));
    let mut parameters = vec![query(
        "format",
        "The format of the body, instead of the `Accept` header. `microprofile` and `spring` use their own JSON structure",
        format,
    )];
    if params.checks {
        parameters.push(query("verbose", "Adds details to each check. The value is ignored", text().into()));
        parameters.push(query("tag", "Includes only checks with one of these tags", texts()));
        if params.exclude {
            parameters.push(query("exclude", "Excludes these checks from the response", texts()));
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

/// Describes a response in every format; only the JSON report has a schema.
fn report(description: &str) -> Response {
    // OpenAPI lists media types without the `charset` parameter.
    let media_type = |format: Format| format.content_type().split(';').next().unwrap_or_default();
    let bodies: BTreeMap<&str, RefOr<Schema>> = Format::ALL
        .into_iter()
        .map(|format| match media_type(format) {
            "application/json" => ("application/json", Ref::from_schema_name(schemas::REPORT).into()),
            other if other.starts_with("text/") => (other, text().into()),
            other => (other, Object::new().into()),
        })
        .collect();
    let response = ResponseBuilder::new().description(description);
    bodies.into_iter().fold(response, |response, (media_type, schema)| response.content(media_type, body(schema))).build()
}

fn error(description: &str) -> Response {
    let schema = Ref::from_schema_name(schemas::ERROR).into();
    ResponseBuilder::new().description(description).content("application/json", body(schema)).build()
}

fn body(schema: RefOr<Schema>) -> utoipa::openapi::Content {
    ContentBuilder::new().schema(Some(schema)).build()
}
