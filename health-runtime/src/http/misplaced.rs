//! A path that was given to two scopes. It answers for neither, and says why: a readiness probe that is told of liveness
//! would be green whatever happens.

use std::future::{Ready, ready};

use actix_web::Error;
use actix_web::dev::{AppService, ResourceDef, ServiceRequest, ServiceResponse, fn_service};

use super::answer;
use crate::status::Scope;

/// The paths that more than one scope has, each with what is wrong.
pub(super) fn mistakes(routes: &[(Scope, String)]) -> Vec<(String, String)> {
    let mut mistakes = Vec::new();
    for (i, (scope, path)) in routes.iter().enumerate() {
        let before = routes.iter().take(i).find(|(other, held)| other != scope && held == path);
        if let Some((other, _)) = before {
            let mistake = format!("`{path}` is the path of {} and of {}; give each its own", name(*other), name(*scope));
            mistakes.push((path.clone(), mistake));
        }
    }
    mistakes
}

fn name(scope: Scope) -> &'static str {
    match scope {
        Scope::Kind(kind) => kind.as_str(),
        Scope::Whole => "the whole",
    }
}

pub(super) fn mount(path: &str, mistake: String, config: &mut AppService) {
    tracing::error!("health is mounted wrong: {mistake}");
    let answer = move |req: ServiceRequest| -> Ready<Result<ServiceResponse, Error>> {
        let answer = answer::misplaced(req.method(), &mistake);
        ready(Ok(req.into_response(answer)))
    };
    config.register_service(ResourceDef::prefix(path), None, fn_service(answer), None);
}
