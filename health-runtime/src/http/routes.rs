//! Which path answers for which scope.

use std::cmp::Reverse;

use crate::core::model::status::{Kind, Scope};

pub(crate) const DEFAULT_PATHS: [(Scope, &str); 5] = [
    (Scope::Kind(Kind::Readiness), "/readyz"),
    (Scope::Kind(Kind::Liveness), "/livez"),
    (Scope::Kind(Kind::Startup), "/startupz"),
    (Scope::All, "/healthz"),
    (Scope::All, "/health"),
];

/// The paths of one service.
#[derive(Debug, Default)]
pub(crate) struct Routes {
    pub(crate) prefix: String,
    /// Given in place of the default ones, at most one for a scope.
    given: Vec<(Scope, String)>,
}

/// One path, and what answers there.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Route {
    pub(crate) path: String,
    /// Or why nothing can: a readiness probe that is told of liveness would be green whatever happens.
    pub(crate) scope: Result<Scope, String>,
}

impl Routes {
    pub(crate) fn give(&mut self, scope: Scope, path: &str) {
        self.given.retain(|(held, _)| *held != scope);
        self.given.push((scope, normal(path)));
    }

    /// Each path once. The longest come first, because the first that fits answers.
    pub(crate) fn all(&self) -> Vec<Route> {
        let scopes = self.given.iter().cloned().chain(self.defaults());
        let mut paths: Vec<(String, Vec<Scope>)> = Vec::new();
        for (scope, path) in scopes {
            match paths.iter_mut().find(|(held, _)| *held == path) {
                Some((_, scopes)) => scopes.push(scope),
                None => paths.push((path, vec![scope])),
            }
        }
        paths.sort_by_key(|(path, _)| Reverse(path.matches('/').count()));
        paths.into_iter().map(|(path, scopes)| self.route(&path, &scopes)).collect()
    }

    /// Those that nothing given takes the place of. The whole has two, and leaves one of them to another scope that it was given
    /// to; nobody looks for a kind anywhere else than at its own.
    fn defaults(&self) -> impl Iterator<Item = (Scope, String)> {
        let is_given = |scope: Scope| self.given.iter().any(|(held, _)| *held == scope);
        let is_taken = |path: &str| self.given.iter().any(|(_, held)| held == path);
        let defaults =
            DEFAULT_PATHS.into_iter().filter(move |(scope, path)| !is_given(*scope) && (*scope != Scope::All || !is_taken(path)));
        defaults.map(|(scope, path)| (scope, path.to_owned()))
    }

    fn route(&self, path: &str, scopes: &[Scope]) -> Route {
        let path = format!("{}{path}", self.prefix);
        let scope = if let [scope] = scopes {
            Ok(*scope)
        } else {
            let names: Vec<&str> = scopes.iter().copied().map(name).collect();
            let shown = if path.is_empty() { "/" } else { &path };
            Err(format!("`{shown}` is the path of {}; give each its own", names.join(" and of ")))
        };
        Route { path, scope }
    }
}

fn name(scope: Scope) -> &'static str {
    match scope {
        Scope::Kind(kind) => kind.as_str(),
        Scope::All => "the whole",
    }
}

/// With a slash in front and none behind.
pub(crate) fn normal(path: &str) -> String {
    let path = path.trim_end_matches('/');
    if path.is_empty() || path.starts_with('/') { path.to_owned() } else { format!("/{path}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIVE: Scope = Scope::Kind(Kind::Liveness);
    const READY: Scope = Scope::Kind(Kind::Readiness);
    const START: Scope = Scope::Kind(Kind::Startup);

    fn routes(given: &[(Scope, &str)]) -> Vec<(String, Result<Scope, String>)> {
        let mut routes = Routes::default();
        for (scope, path) in given {
            routes.give(*scope, path);
        }
        let mut all: Vec<_> = routes.all().into_iter().map(|Route { path, scope }| (path, scope)).collect();
        all.sort_by(|a, b| a.0.cmp(&b.0));
        all
    }

    fn right(expected: &[(&str, Scope)]) -> Vec<(String, Result<Scope, String>)> {
        expected.iter().map(|(path, scope)| ((*path).to_owned(), Ok(*scope))).collect()
    }

    #[test]
    fn a_path_that_is_given_takes_the_place_of_the_default() {
        let usual =
            [("/health", Scope::All), ("/healthz", Scope::All), ("/livez", LIVE), ("/readyz", READY), ("/startupz", START)];
        assert_eq!(routes(&[]), right(&usual));
        let whole = [("/livez", LIVE), ("/readyz", READY), ("/startupz", START), ("/status", Scope::All)];
        assert_eq!(routes(&[(Scope::All, "/old"), (Scope::All, "status/")]), right(&whole));
        let live = [("/health", LIVE), ("/healthz", Scope::All), ("/readyz", READY), ("/startupz", START)];
        assert_eq!(routes(&[(LIVE, "/health")]), right(&live), "the whole has another one");
    }

    #[test]
    fn of_two_scopes_at_one_path_neither_answers() {
        let all = routes(&[(LIVE, "/readyz")]);
        let wrong = Err("`/readyz` is the path of liveness and of readiness; give each its own".to_owned());
        assert!(all.contains(&("/readyz".to_owned(), wrong)) && all.len() == 4, "{all:?}");
        let all = routes(&[(LIVE, "/"), (READY, "/"), (START, "/")]);
        let wrong = Err("`/` is the path of liveness and of readiness and of startup; give each its own".to_owned());
        assert!(all.contains(&(String::new(), wrong)) && all.len() == 3, "{all:?}");
    }
}
