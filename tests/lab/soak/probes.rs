//! The probes, and the rules for every response.

use health_tests::http::Response;
use serde_json::Value;

/// One probe.
pub(crate) struct Probe {
    pub(crate) path: &'static str,
    body: Body,
    /// A check that must be missing in the response.
    without: Option<&'static str>,
}

enum Body {
    Json,
    HealthJson,
    Text,
    Lines,
    Missing,
}

const fn probe(path: &'static str, body: Body) -> Probe {
    Probe { path, body, without: None }
}

/// Frequent probes that few checks can delay.
pub(crate) const PROMPT: &[Probe] = &[
    probe("/livez", Body::Json),
    probe("/livez?format=text", Body::Text),
    probe("/readyz/background", Body::Json),
    probe("/livez?verbose", Body::Json),
    probe("/readyz/nobody", Body::Missing),
];

/// All probes.
pub(crate) const ALL: &[Probe] = &[
    probe("/livez", Body::Json),
    probe("/livez/workers", Body::Json),
    probe("/livez/consumers", Body::Json),
    probe("/livez/consumers?format=text", Body::Text),
    probe("/startupz", Body::Json),
    probe("/readyz", Body::Json),
    probe("/readyz?format=health%2Bjson", Body::HealthJson),
    probe("/readyz?format=text&verbose", Body::Lines),
    Probe { path: "/readyz?exclude=uncached", body: Body::Json, without: Some("uncached") },
    Probe { path: "/readyz?exclude=uncached&verbose", body: Body::Json, without: Some("uncached") },
    probe("/readyz/uncached", Body::Json),
    probe("/readyz/beyond-deadline", Body::Json),
    probe("/readyz/blocking", Body::Json),
    probe("/readyz/threshold?format=text", Body::Text),
    probe("/readyz/reported-often?verbose", Body::Json),
    probe("/health", Body::Json),
    probe("/health?verbose", Body::Json),
    probe("/health?verbose&format=health%2Bjson", Body::HealthJson),
    probe("/health?tag=shards", Body::Json),
    probe("/health?tag=nobody", Body::Missing),
    probe("/readyz/nobody", Body::Missing),
];

/// The reasons of each fault.
pub(crate) const REASONS: [&str; 8] = [
    "connection refused",
    "panicked",
    "timed out after",
    "still running after",
    "far behind",
    "tasks: no progress for",
    "tasks: panicked",
    "tasks: ended",
];

impl Probe {
    /// Returns what is wrong with a response.
    pub(crate) fn validate(&self, response: &Response) -> Result<(), String> {
        let text = std::str::from_utf8(&response.body).map_err(|error| error.to_string())?;
        let json = || serde_json::from_str::<Value>(text).map_err(|error| error.to_string());
        let expected = match self.body {
            Body::Missing => {
                if text == r#"{"error":"not found"}"# {
                    404
                } else {
                    0
                }
            }
            Body::Text => code(text.trim_end(), ["healthy", "degraded", "unhealthy"]),
            Body::Lines => {
                let (checks, verdict) = text.trim_end().rsplit_once('\n').ok_or("one line")?;
                let known = checks.lines().all(|line| line.starts_with("[+]") || line.starts_with("[-]"));
                if known { code(verdict, ["readyz check passed", "", "readyz check failed"]) } else { 0 }
            }
            Body::HealthJson => code(json()?["status"].as_str().unwrap_or_default(), ["pass", "warn", "fail"]),
            Body::Json => {
                let json = json()?;
                let checks = json["checks"].as_object().ok_or("no checks")?;
                let status = |check: &Value| check["status"].as_str().is_some_and(|status| STATUSES.contains(&status));
                if checks.is_empty() || !checks.values().all(status) {
                    return Err("a check has no status".to_owned());
                }
                if self.without.is_some_and(|name| checks.contains_key(name)) {
                    return Err("what was excluded is there".to_owned());
                }
                code(json["status"].as_str().unwrap_or_default(), ["healthy", "degraded", "unhealthy"])
            }
        };
        if response.status == expected { Ok(()) } else { Err("the code is another than the body's".to_owned()) }
    }
}

const STATUSES: [&str; 4] = ["up", "degraded", "unknown", "down"];

/// Returns the code of a state, or zero for an unknown one.
fn code(state: &str, states: [&str; 3]) -> u16 {
    states.iter().position(|known| *known == state).map_or(0, |place| if place == 2 { 503 } else { 200 })
}
