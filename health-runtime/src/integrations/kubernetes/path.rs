//! The paths of the probes, made of characters that need no escapes in a quoted YAML string.

use super::probes::Probes;
use crate::core::model::status::{Kind, Scope};
use crate::http::routes::{DEFAULT_PATHS, normalize};

/// The characters that a path may contain apart from letters and digits: those that a URL path needs no encoding for.
const PATH_CHARACTERS: &str = "/-._~!$&'()*+,;=:@";

impl Probes {
    /// Returns the path at which [`HealthService`](crate::HealthService) mounts a kind.
    pub(super) fn path_of(&self, kind: Kind) -> String {
        let default = || DEFAULT_PATHS.iter().find(|(scope, _)| *scope == Scope::Kind(kind)).map_or("", |(_, path)| path);
        let path = normalize(self.paths.get(&kind).map_or_else(default, String::as_str));
        let path = format!("{}{path}", normalize(&self.prefix));
        if path.is_empty() { "/".to_owned() } else { path }
    }

    pub(super) fn shared_path_problem(&self) -> Option<String> {
        let [liveness, readiness, startup] = Kind::ALL.map(|kind| self.path_of(kind));
        let pairs = [(&liveness, &readiness), (&liveness, &startup), (&readiness, &startup)];
        let (path, _) = pairs.into_iter().find(|(first, second)| first == second)?;
        Some(format!("{path:?} is the path of two kinds; set different paths with `path`"))
    }
}

/// Returns what is wrong with the argument of `method`.
pub(super) fn problem(method: &str, path: &str) -> Option<String> {
    let allowed = |character: char| character.is_ascii_alphanumeric() || PATH_CHARACTERS.contains(character);
    if !path.chars().all(allowed) {
        let spaced = PATH_CHARACTERS.chars().map(String::from).collect::<Vec<_>>().join(" ");
        return Some(format!("`{method}` is {path:?}; use only letters, digits and `{spaced}`"));
    }
    // The kubelet takes `//name/…` for a host and a path.
    path.contains("//").then(|| format!("`{method}` is {path:?}; use single slashes"))
}
