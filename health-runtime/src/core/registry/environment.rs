//! Overrides of policies in environment variables, such as `HEALTH_ORDERS_DB_TIMEOUT=1s`.

use std::cell::LazyCell;
use std::collections::HashMap;
use std::env;
use std::ffi::OsString;

use super::names::Names;
use super::policy_override::{FIELDS, PolicyOverride};
use crate::core::model::sort::{sort_and_dedup, sort_by};

/// The environment variables with one prefix.
pub(crate) struct Environment {
    prefix: String,
    /// Sorted by name.
    variables: Vec<(String, OsString)>,
    /// Finds the overrides. Only a program that reads its environment has the code.
    find: fn(Self, &Names, &mut Vec<String>) -> NamedOverrides,
}

/// The override of each check that has one, sorted by name.
type NamedOverrides = Vec<(String, PolicyOverride)>;

impl Environment {
    /// Reads the variables of the process.
    pub(crate) fn read(prefix: &str) -> Self {
        let variables = env::vars_os().filter_map(|(variable, value)| Some((variable.into_string().ok()?, value)));
        Self::new(prefix, variables)
    }

    fn new(prefix: &str, variables: impl Iterator<Item = (String, OsString)>) -> Self {
        let mut variables = variables.filter(|(variable, _)| variable.starts_with(prefix)).collect();
        sort_by(&mut variables, |(a, _), (b, _)| a.cmp(b));
        Self { prefix: prefix.to_owned(), variables, find: Self::find }
    }

    /// Returns the override of each check that a variable names, and adds a problem for each invalid variable.
    pub(super) fn overrides(self, names: &Names, problems: &mut Vec<String>) -> NamedOverrides {
        (self.find)(self, names, problems)
    }

    fn find(self, names: &Names, problems: &mut Vec<String>) -> NamedOverrides {
        let Self { prefix, variables, .. } = self;
        let mut overrides: HashMap<&str, PolicyOverride> = HashMap::new();
        if prefix.is_empty() {
            problems.push("`overrides_from_env` has an empty prefix; give one, such as `HEALTH_`".to_owned());
            return NamedOverrides::new();
        }
        let mut checks: HashMap<String, Vec<&str>> = HashMap::new();
        for name in names.iter() {
            checks.entry(name.to_ascii_uppercase().replace(['-', '.'], "_")).or_default().push(name);
        }
        let known = LazyCell::new(|| {
            let variable = |check: &String, field: &str| format!("{prefix}{check}_{}", field.to_ascii_uppercase());
            let mut known = checks.keys().flat_map(|check| FIELDS.map(|field| variable(check, field))).collect();
            sort_and_dedup(&mut known);
            known
        });
        for (variable, value) in &variables {
            let found = split(variable.strip_prefix(&prefix).unwrap_or_default());
            let problem = match found.and_then(|(check, field)| Some((checks.get(check)?.as_slice(), field))) {
                Some(([name], field)) => {
                    let change = overrides.entry(name).or_default();
                    let text = value.to_str().ok_or_else(|| "must be UTF-8; write it again".to_owned());
                    text.and_then(|text| change.set_text(field, text)).err()
                }
                Some((several, _)) => {
                    let several: Vec<String> = several.iter().map(|name| format!("`{name}`")).collect();
                    Some(format!("fits the health checks {}; rename all but one", several.join(" and ")))
                }
                None if is_service_link(variable) => None,
                None => Some(match names.nearest(variable, known.iter().map(|known| &**known)) {
                    Some(nearest) => format!("fits no health check and field; did you mean `{nearest}`?"),
                    None => format!("fits no health check and field; unset it, or write one such as `{prefix}ORDERS_DB_TIMEOUT`"),
                }),
            };
            problems.extend(problem.map(|problem| format!("environment variable `{variable}` {problem}")));
        }
        let mut overrides = overrides.into_iter().map(|(name, change)| (name.to_owned(), change)).collect();
        sort_by(&mut overrides, |(a, _), (b, _)| a.cmp(b));
        overrides
    }
}

/// Splits `ORDERS_DB_TIMEOUT` into `ORDERS_DB` and the field `timeout`.
fn split(variable: &str) -> Option<(&str, &'static str)> {
    let split = |field: &'static str| {
        let check = variable.strip_suffix(&*field.to_ascii_uppercase())?.strip_suffix('_')?;
        Some((check, field))
    };
    FIELDS.into_iter().find_map(split)
}

/// Whether Kubernetes sets the variable for a service, as in `HEALTH_SERVICE_HOST` or `HEALTH_PORT_80_TCP_ADDR`.
fn is_service_link(variable: &str) -> bool {
    let is_port = |rest: &str| {
        let protocol = rest.trim_start_matches(|c: char| c.is_ascii_digit());
        protocol.len() < rest.len() && ["_TCP", "_UDP", "_SCTP"].iter().any(|known| protocol.starts_with(known))
    };
    ["_SERVICE_HOST", "_SERVICE_PORT", "_PORT"].iter().any(|end| variable.ends_with(end))
        || variable.contains("_SERVICE_PORT_")
        || variable.split("_PORT_").skip(1).any(is_port)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn overrides(variables: &[(&str, &str)]) -> (NamedOverrides, Vec<String>) {
        let mut names = Names::default();
        for name in ["orders-db", "cache", "a-b", "a.b", "port"] {
            names.add(name);
        }
        let owned = variables.iter().map(|(variable, value)| ((*variable).to_owned(), OsString::from(value)));
        let mut problems = Vec::new();
        let overrides = Environment::new("HEALTH_", owned).overrides(&names, &mut problems);
        (overrides, problems)
    }

    #[test]
    fn each_field_is_set() {
        let (overrides, problems) = overrides(&[
            ("HEALTH_ORDERS_DB_ENABLED", "true"),
            ("HEALTH_ORDERS_DB_TIMEOUT", "1s"),
            ("HEALTH_ORDERS_DB_CRITICAL", "false"),
            ("HEALTH_ORDERS_DB_INTERVAL", "1m30s"),
            ("HEALTH_ORDERS_DB_FAILURE_THRESHOLD", "3"),
            ("HEALTH_ORDERS_DB_SUCCESS_THRESHOLD", "2"),
            ("HEALTH_ORDERS_DB_SLOW", "200ms"),
            ("HEALTH_ORDERS_DB_SHARED", "true"),
            ("HEALTH_ORDERS_DB_TAGS", "db, storage"),
            ("HEALTH_ORDERS_DB_DESCRIPTION", "The orders, database"),
            ("HEALTH_CACHE_CACHE", "5s"),
            ("HEALTH_CACHE_TAGS", ""),
            ("OTHER_CACHE_TIMEOUT", "x"),
        ]);
        assert_eq!(problems, [""; 0]);
        let orders = PolicyOverride {
            enabled: Some(true),
            timeout: Some(Duration::from_secs(1)),
            critical: Some(false),
            cache: None,
            interval: Some(Duration::from_secs(90)),
            failure_threshold: Some(3),
            success_threshold: Some(2),
            grace: None,
            slow: Some(Duration::from_millis(200)),
            shared: Some(true),
            tags: Some(vec!["db".to_owned(), "storage".to_owned()]),
            description: Some("The orders, database".to_owned()),
        };
        let cache = PolicyOverride { cache: Some(Duration::from_secs(5)), tags: Some(Vec::new()), ..PolicyOverride::default() };
        assert_eq!(overrides, [("cache".to_owned(), cache), ("orders-db".to_owned(), orders)]);
    }

    #[test]
    fn a_function_and_each_of_its_instances_have_variables() {
        let mut names = Names::default();
        names.add_function("shard", Some(["shard.eu", "shard.us"].map(ToOwned::to_owned).into_iter()));
        let variables = [("HEALTH_SHARD_TIMEOUT", "1s"), ("HEALTH_SHARD_EU_CRITICAL", "false")];
        let owned = variables.map(|(variable, value)| (variable.to_owned(), OsString::from(value)));
        let mut problems = Vec::new();
        let overrides = Environment::new("HEALTH_", owned.into_iter()).overrides(&names, &mut problems);
        assert_eq!(problems, [""; 0]);
        assert_eq!(overrides.into_iter().map(|(name, _)| name).collect::<Vec<_>>(), ["shard", "shard.eu"]);
    }

    #[test]
    fn invalid_variables_are_problems() {
        for (variable, value, problem) in [
            ("HEALTH_ORDERS_DB_TIMEOUT", "5 seconds", "must not contain spaces; write `5s`"),
            ("HEALTH_ORDERS_DB_TIMEOUT", "", "must not be empty; write a number and a unit, such as `500ms`"),
            ("HEALTH_ORDERS_DB_CRITICAL", "no", "must be `true` or `false`; write `false`"),
            ("HEALTH_ORDERS_DB_FAILURE_THRESHOLD", "many", "must be an integer; write one such as `3`"),
            ("HEALTH_ORDER_DB_TIMEOUT", "1s", "fits no health check and field; did you mean `HEALTH_ORDERS_DB_TIMEOUT`?"),
            ("HEALTH_ORDERS_DB_TIMOUT", "1s", "fits no health check and field; did you mean `HEALTH_ORDERS_DB_TIMEOUT`?"),
            ("HEALTH_X", "1s", "fits no health check and field; unset it, or write one such as `HEALTH_ORDERS_DB_TIMEOUT`"),
            ("HEALTH_A_B_TIMEOUT", "1s", "fits the health checks `a-b` and `a.b`; rename all but one"),
        ] {
            let (_, problems) = overrides(&[(variable, value)]);
            assert_eq!(problems, [format!("environment variable `{variable}` {problem}")], "{value}");
        }
    }

    #[test]
    fn variables_of_service_links_are_ignored() {
        for variable in [
            "HEALTH_SERVICE_HOST",
            "HEALTH_SERVICE_PORT",
            "HEALTH_SERVICE_PORT_HTTP",
            "HEALTH_PORT",
            "HEALTH_PORT_80_TCP",
            "HEALTH_PORT_80_TCP_ADDR",
            "HEALTH_PORT_53_UDP_PROTO",
            "HEALTH_X_SERVICE_HOST",
            "HEALTH_X_PORT_9_SCTP",
        ] {
            assert_eq!(overrides(&[(variable, "tcp://10.0.0.1:80")]), (NamedOverrides::new(), Vec::new()), "{variable}");
        }
        assert_eq!(overrides(&[("HEALTH_PORT_TIMEOUT", "1s")]).0.len(), 1, "a check called `port`");
    }
}
