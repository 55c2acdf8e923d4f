//! Which path is served for which scope.

use crate::core::model::sort::sort_by;
use crate::core::model::status::{Kind, Scope};

/// The first path of each scope is that of a Kubernetes API server.
pub(crate) const DEFAULT_PATHS: [(Scope, &str); 5] = [
    (Scope::Kind(Kind::Readiness), "/readyz"),
    (Scope::Kind(Kind::Liveness), "/livez"),
    (Scope::Kind(Kind::Startup), "/startupz"),
    (Scope::All, "/healthz"),
    (Scope::All, "/health"),
];

/// The paths of one service.
#[derive(Debug, Clone, Default)]
pub(super) struct Routes {
    pub(super) prefix: String,
    /// The paths that replace default ones, at most one for each scope.
    custom: Vec<(Scope, String)>,
    /// The paths that replace none.
    added: Vec<(Scope, String)>,
    /// The path of the metrics.
    metrics: Option<String>,
}

/// A path, and the scope that it is served for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Route {
    pub(crate) path: String,
    /// The error if the path is configured for several scopes: a readiness probe must not get the state of liveness.
    pub(crate) scope: Result<Scope, String>,
}

impl Routes {
    pub(super) fn set(&mut self, scope: Scope, path: &str) {
        self.custom.retain(|(other, _)| *other != scope);
        self.custom.push((scope, normalize(path)));
    }

    pub(super) fn add(&mut self, scope: Scope, path: &str) {
        self.added.push((scope, normalize(path)));
    }

    #[cfg(feature = "prometheus")]
    pub(super) fn set_metrics(&mut self, path: &str) {
        self.metrics = Some(normalize(path));
    }

    /// Returns the path of the metrics, unless it is that of a scope as well.
    #[cfg(feature = "prometheus")]
    pub(super) fn metrics_path(&self) -> Option<String> {
        let path = format!("{}{}", self.prefix, self.metrics.as_ref()?);
        let is_conflict = self.resolve().iter().any(|route| route.path == path);
        (!is_conflict).then(|| if path.is_empty() { "/".to_owned() } else { path })
    }

    /// Returns each path once, those with the most segments first: the first route that matches is served.
    pub(super) fn resolve(&self) -> Vec<Route> {
        let all = self.configured().cloned().chain(self.defaults());
        let mut paths: Vec<(String, Vec<Scope>)> = Vec::new();
        for (scope, path) in all {
            match paths.iter_mut().find(|(other, _)| *other == path) {
                Some((_, scopes)) if scopes.contains(&scope) => {}
                Some((_, scopes)) => scopes.push(scope),
                None => paths.push((path, vec![scope])),
            }
        }
        let segments = |path: &str| path.matches('/').count();
        sort_by(&mut paths, |(a, _), (b, _)| segments(b).cmp(&segments(a)));
        paths.into_iter().map(|(path, scopes)| self.route(&path, &scopes)).collect()
    }

    fn configured(&self) -> impl Iterator<Item = &(Scope, String)> {
        self.custom.iter().chain(&self.added)
    }

    /// Returns the default paths that no custom path replaces. `Scope::All` has two and yields one of them to another scope;
    /// a kind keeps its only path, so that a conflict is reported.
    fn defaults(&self) -> impl Iterator<Item = (Scope, String)> {
        let has_custom_path = |scope: Scope| self.custom.iter().any(|(other, _)| *other == scope);
        let is_taken = |path: &str| self.is_metrics(path) || self.configured().any(|(_, other)| other == path);
        let is_served = move |scope, path| !has_custom_path(scope) && (scope != Scope::All || !is_taken(path));
        let defaults = DEFAULT_PATHS.into_iter().filter(move |(scope, path)| is_served(*scope, path));
        defaults.map(|(scope, path)| (scope, path.to_owned()))
    }

    fn is_metrics(&self, path: &str) -> bool {
        self.metrics.as_deref() == Some(path)
    }

    fn route(&self, path: &str, scopes: &[Scope]) -> Route {
        let name = |scope: &Scope| match scope {
            Scope::Kind(kind) => kind.as_str(),
            Scope::All => "overall health",
        };
        let names: Vec<&str> = scopes.iter().map(name).chain(self.is_metrics(path).then_some("metrics")).collect();
        let path = format!("{}{path}", self.prefix);
        let scope = match (scopes, names.as_slice()) {
            ([scope], [_]) => Ok(*scope),
            _ => Err(conflict(&path, &names)),
        };
        Route { path, scope }
    }
}

fn conflict(path: &str, names: &[&str]) -> String {
    let path = if path.is_empty() { "/" } else { path };
    let names = match names {
        [first, second] => format!("both {first} and {second}"),
        [others @ .., last] => format!("{} and {last}", others.join(", ")),
        [] => String::new(),
    };
    format!("`{path}` is configured for {names}")
}

/// Returns a path with a leading slash and without a trailing one.
pub(crate) fn normalize(path: &str) -> String {
    let path = path.trim_end_matches('/');
    if path.is_empty() || path.starts_with('/') { path.to_owned() } else { format!("/{path}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIVE: Scope = Scope::Kind(Kind::Liveness);
    const READY: Scope = Scope::Kind(Kind::Readiness);
    const START: Scope = Scope::Kind(Kind::Startup);

    /// The routes in the order of their paths.
    fn routes(custom: &[(Scope, &str)]) -> Vec<(String, Result<Scope, String>)> {
        resolved(custom, &[])
    }

    fn resolved(custom: &[(Scope, &str)], added: &[(Scope, &str)]) -> Vec<(String, Result<Scope, String>)> {
        let mut routes = Routes::default();
        for (scope, path) in custom {
            routes.set(*scope, path);
        }
        for (scope, path) in added {
            routes.add(*scope, path);
        }
        let mut all: Vec<_> = routes.resolve().into_iter().map(|Route { path, scope }| (path, scope)).collect();
        all.sort_by(|a, b| a.0.cmp(&b.0));
        all
    }

    fn valid(expected: &[(&str, Scope)]) -> Vec<(String, Result<Scope, String>)> {
        expected.iter().map(|(path, scope)| ((*path).to_owned(), Ok(*scope))).collect()
    }

    #[test]
    fn a_custom_path_replaces_the_default() {
        let defaults =
            [("/health", Scope::All), ("/healthz", Scope::All), ("/livez", LIVE), ("/readyz", READY), ("/startupz", START)];
        assert_eq!(routes(&[]), valid(&defaults));
        let moved = [("/livez", LIVE), ("/readyz", READY), ("/startupz", START), ("/status", Scope::All)];
        assert_eq!(routes(&[(Scope::All, "/old"), (Scope::All, "status/")]), valid(&moved));
        let live = [("/health", LIVE), ("/healthz", Scope::All), ("/readyz", READY), ("/startupz", START)];
        assert_eq!(routes(&[(LIVE, "/health")]), valid(&live), "overall health keeps its other path");
    }

    #[test]
    fn an_added_path_replaces_no_path() {
        let all = resolved(&[], &[(READY, "/healthz"), (READY, "ready/"), (LIVE, "/livez"), (READY, "/healthz")]);
        let expected = [
            ("/health", Scope::All),
            ("/healthz", READY),
            ("/livez", LIVE),
            ("/ready", READY),
            ("/readyz", READY),
            ("/startupz", START),
        ];
        assert_eq!(all, valid(&expected), "overall health yields `/healthz` and keeps its other path");

        let all = resolved(&[(READY, "/up"), (Scope::All, "/status")], &[(READY, "/ready"), (Scope::All, "/health")]);
        let expected = [
            ("/health", Scope::All),
            ("/livez", LIVE),
            ("/ready", READY),
            ("/startupz", START),
            ("/status", Scope::All),
            ("/up", READY),
        ];
        assert_eq!(all, valid(&expected), "a path that replaces a default and an added one");

        let all = resolved(&[], &[(LIVE, "/readyz"), (LIVE, "/x"), (START, "/x")]);
        let error = |text: &str| Err(format!("`{text}` is configured for both liveness and "));
        for (path, other) in [("/readyz", "readiness"), ("/x", "startup")] {
            let expected = error(path).map_err(|text: String| text + other);
            assert!(all.contains(&(path.to_owned(), expected)), "{all:?}");
        }
    }

    #[cfg(feature = "prometheus")]
    #[test]
    fn the_metrics_take_a_path_of_overall_health_and_no_other() {
        let resolved = |path| {
            let mut routes = Routes { prefix: "/internal".to_owned(), ..Routes::default() };
            routes.set_metrics(path);
            let (paths, metrics) = (routes.resolve(), routes.metrics_path());
            let is_error = |route: &Route| route.scope.is_err();
            (paths.len(), paths.into_iter().find(is_error).map(|route| route.scope.unwrap_err()), metrics)
        };
        let at = |path: &str| Some(format!("/internal{path}"));
        assert_eq!(resolved("/metrics"), (5, None, at("/metrics")));
        assert_eq!(resolved("metrics/"), (5, None, at("/metrics")));
        assert_eq!(resolved("/health"), (4, None, at("/health")));
        assert_eq!(resolved("/"), (5, None, at("")));
        let error = "`/internal/livez` is configured for both liveness and metrics".to_owned();
        assert_eq!(resolved("/livez"), (5, Some(error), None));
        let mut root = Routes::default();
        root.set_metrics("/");
        assert_eq!(root.metrics_path().as_deref(), Some("/"));
    }

    #[test]
    fn a_path_of_several_scopes_is_an_error() {
        let all = routes(&[(LIVE, "/readyz")]);
        let error = Err("`/readyz` is configured for both liveness and readiness".to_owned());
        assert!(all.contains(&("/readyz".to_owned(), error)) && all.len() == 4, "{all:?}");
        let all = routes(&[(LIVE, "/"), (READY, "/"), (START, "/")]);
        let error = Err("`/` is configured for liveness, readiness and startup".to_owned());
        assert!(all.contains(&(String::new(), error)) && all.len() == 3, "{all:?}");
    }
}
