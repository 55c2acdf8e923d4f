//! The recipes: each program prints a report, without a server.

use std::process::Command;

use health_tests::http::mask_figures;
use health_tests::program;

/// Runs a program and returns its standard output, with `_` instead of the figures.
fn output(name: &str, environment: &[(&str, &str)]) -> String {
    let output = Command::new(program::build("health-recipes", name)).envs(environment.iter().copied()).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    mask_figures(&String::from_utf8(output.stdout).unwrap(), &["latency_ms", "uptime_seconds"]).trim_end().to_owned()
}

/// Returns a report with this state and these entries.
fn report(status: &str, entries: &str) -> String {
    format!(r#"{{"status":"{status}","checks":{{{entries}}},"uptime_seconds":_}}"#)
}

#[test]
fn each_recipe_prints_its_report() {
    let refused = r#""status":"down","latency_ms":_,"error":"connection refused""#;
    let up = r#""status":"up","latency_ms":_"#;
    for (name, expected) in [
        (
            "two_pools",
            report(
                "degraded",
                &format!(r#""primary":{{{up},"lag_seconds":0}},"replica":{{"status":"degraded","latency_ms":_,"error":"12 s behind"}}"#),
            ),
        ),
        ("shards_from_configuration", report("degraded", &format!(r#""shard.eu":{{{refused}}},"shard.us":{{{refused}}}"#))),
        (
            "tenants",
            report(
                "degraded",
                &format!(r#""tenant.acme":{{{up}}},"tenant.globex":{{"status":"down","latency_ms":_,"error":"check failed"}}"#),
            ),
        ),
        ("one_of_three", "3 of 3: healthy\n2 of 3: degraded\n1 of 3: degraded\n0 of 3: unhealthy".to_owned()),
        ("trait_object", report("healthy", &format!(r#""orders":{{{up}}}"#))),
        ("concrete_alias", report("unhealthy", r#""orders":{"status":"down","latency_ms":_,"error":"entity not found"}"#)),
        (
            "method_of_a_client",
            report("degraded", r#""payments":{"status":"degraded","latency_ms":_,"error":"payments fail","failures":1}"#),
        ),
        ("shared_constant", "no answer\ntimed out after 50ms".to_owned()),
        (
            "policy_from_the_environment",
            report("unhealthy", &format!(r#""cache":{{{refused}}},"shard.eu":{{{up}}},"shard.us":{{{up}}}"#)),
        ),
        (
            "chain",
            "database: unknown, skipped: network is down\nnetwork: down, network unreachable\norders: unknown, skipped: network is down"
                .to_owned(),
        ),
        ("slow_at_night", "backup false: healthy\nbackup true: degraded".to_owned()),
        ("flapping_partner", "healthy\nhealthy\nhealthy\nhealthy\nunhealthy".to_owned()),
    ] {
        assert_eq!(output(name, &[]), expected, "{name}");
    }
    let optional = [("HEALTH_CACHE_CRITICAL", "false"), ("HEALTH_SHARD_ENABLED", "false")];
    let expected = report("degraded", &format!(r#""cache":{{{refused}}}"#));
    assert_eq!(output("policy_from_the_environment", &optional), expected);
}

#[test]
fn each_recipe_has_at_most_40_lines() {
    let folder = health_tests::workspace::root().join("examples/recipes");
    let recipes = health_tests::workspace::files(&folder, "rs");
    assert_eq!(recipes.len(), 12);
    for recipe in recipes {
        let lines = std::fs::read_to_string(&recipe).unwrap().lines().count();
        assert!(lines <= 40, "{}: {lines} lines", recipe.display());
    }
}
