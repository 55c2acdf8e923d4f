//! The metrics and the rules, validated by Prometheus's `promtool`.

use std::sync::Arc;
use std::time::Duration;

use health_runtime::Scope;
use health_tests::installed::content;
use tokio::time::advance;

use crate::scrape::{example, get, one_of_each, tool};

#[tokio::test(start_paused = true)]
async fn promtool_accepts_the_metrics() {
    let health = one_of_each(&Arc::default());
    health.report(Scope::All).await;
    advance(Duration::from_secs(3)).await;
    get(&health, "/livez").await;
    let (_, text) = get(&health, "/metrics").await;
    let output = content(tool("promtool").args(["check", "metrics"]), &text);
    assert_eq!(output, "", "{text}");
}

/// The test above is only meaningful if promtool rejects something.
#[test]
#[should_panic(expected = "no help text")]
fn promtool_rejects_invalid_metrics() {
    content(tool("promtool").args(["check", "metrics"]), "# TYPE x_total counter\nx_total 1\n");
}

#[test]
fn the_rules_are_valid_and_pass_their_tests() {
    let output = content(tool("promtool").args(["check", "rules"]).arg(example("alerts.yml")), "");
    assert!(output.contains("SUCCESS: 6 rules found"), "{output}");
    let output = content(tool("promtool").args(["test", "rules"]).arg(example("alerts_test.yml")), "");
    assert!(output.contains("SUCCESS"), "{output}");
}
