//! What Prometheus's own tool says of the metrics and of the rules.

use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use health_runtime::Scope;
use tokio::time::advance;

use crate::support::{example, get, one_of_each, tool};

/// Both outputs, of a tool that is content.
fn content(command: &mut Command, input: &str) -> String {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8(said).unwrap();
    assert!(output.status.success(), "{command:?}: {}: {said}", output.status);
    said
}

#[tokio::test(start_paused = true)]
async fn promtool_finds_nothing_wrong_with_the_metrics() {
    let health = one_of_each(&Arc::default());
    health.report(Scope::Whole).await;
    advance(Duration::from_secs(3)).await;
    get(&health, "/livez").await;
    let (_, text) = get(&health, "/metrics").await;
    let said = content(tool("promtool").args(["check", "metrics"]), &text);
    assert_eq!(said, "", "{text}");
}

/// Or the test above would show nothing.
#[test]
#[should_panic(expected = "no help text")]
fn promtool_finds_what_is_wrong() {
    content(tool("promtool").args(["check", "metrics"]), "# TYPE x_total counter\nx_total 1\n");
}

#[test]
fn the_rules_are_valid_and_do_what_their_tests_say() {
    let said = content(tool("promtool").args(["check", "rules"]).arg(example("alerts.yml")), "");
    assert!(said.contains("SUCCESS: 6 rules found"), "{said}");
    let said = content(tool("promtool").args(["test", "rules"]).arg(example("alerts_test.yml")), "");
    assert!(said.contains("SUCCESS"), "{said}");
}
