//! The operations: their parameters and responses.

use std::collections::BTreeMap;

use utoipa::openapi::path::{HttpMethod, OperationBuilder, Parameter, ParameterBuilder, ParameterIn, PathItem};
use utoipa::openapi::schema::{ArrayBuilder, Object, Ref, Schema, Type};
use utoipa::openapi::{Content, RefOr, Required, Response, ResponseBuilder};

use super::schemas::{self, typed};
use super::{SupportedParams, TAG};
use crate::core::model::status::{Kind, Scope};
use crate::http::format::Format;

pub(super) fn scope_operation(scope: Scope, path: &str, params: SupportedParams) -> PathItem {
    operation(&id(path), summary(scope), parameters(params))
}

pub(super) fn check_operation(scope: Scope, path: &str, params: SupportedParams) -> PathItem {
    let mut parameters = parameters(params);
    let check = query("check", "The exact name of a check of this path", schemas::name());
    parameters.push(check.parameter_in(ParameterIn::Path).required(Required::True).build());
    operation(&format!("{}_check", id(path)), &format!("{}: one check", summary(scope)), parameters)
}

fn operation(id: &str, summary: &str, parameters: Vec<Parameter>) -> PathItem {
    let operation = OperationBuilder::new()
        .tag(TAG)
        .operation_id(Some(id))
        .summary(Some(summary))
        .parameters(Some(parameters))
        .response("200", report("Healthy or degraded"))
        .response("503", report("Unhealthy, starting, draining or in maintenance"))
        .response("404", error("No check has this name or tag"))
        .response("405", error("The method is not `GET`, `HEAD` or `OPTIONS`"));
    PathItem::new(HttpMethod::Get, operation)
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
    let mut parameters = vec![query(
        "format",
        "The format of the body, instead of the `Accept` header. `microprofile` and `spring` use their own JSON structure",
        typed(Type::String).enum_values(Some(Format::ALL.map(Format::name))),
    )];
    if params.checks {
        let texts = || ArrayBuilder::new().items(typed(Type::String));
        parameters.push(query("verbose", "Adds details to each check. The value is ignored", typed(Type::String)));
        parameters.push(query("tag", "Includes only checks with one of these tags", texts()));
        if params.exclude {
            parameters.push(query("exclude", "Excludes these checks from the response", texts()));
        }
    }
    parameters.into_iter().map(ParameterBuilder::build).collect()
}

fn query(name: &str, description: &str, schema: impl Into<RefOr<Schema>>) -> ParameterBuilder {
    let parameter = ParameterBuilder::new().name(name).parameter_in(ParameterIn::Query);
    parameter.description(Some(description)).schema(Some(schema))
}

/// Describes a response in every format; only the JSON report has a schema.
fn report(description: &str) -> Response {
    let bodies: BTreeMap<&str, RefOr<Schema>> = Format::ALL
        .into_iter()
        // OpenAPI lists media types without the `charset` parameter.
        .map(|format| format.content_type().split(';').next().unwrap_or_default())
        .map(|media_type| match media_type {
            "application/json" => (media_type, Ref::from_schema_name(schemas::REPORT).into()),
            other if other.starts_with("text/") => (other, typed(Type::String).into()),
            other => (other, Object::new().into()),
        })
        .collect();
    let add = |response: ResponseBuilder, (media_type, schema)| response.content(media_type, Content::new(Some(schema)));
    bodies.into_iter().fold(ResponseBuilder::new().description(description), add).build()
}

fn error(description: &str) -> Response {
    let content = Content::new(Some(Ref::from_schema_name(schemas::ERROR)));
    ResponseBuilder::new().description(description).content("application/json", content).build()
}
