//! The rules for every value, and the structure that no setting changes.

use std::collections::BTreeMap;
use std::time::Duration;

use proptest::prelude::*;

use super::super::{Port, Probes};
use super::summary_without_checks;
use crate::Kind;

/// Returns the numbers of the three probes by key, in the order of the text.
fn values(yaml: &str) -> BTreeMap<String, Vec<u128>> {
    let mut values = BTreeMap::<_, Vec<_>>::new();
    for line in yaml.lines() {
        let value = line.split('#').next().unwrap_or_default();
        if let Some((key, number)) = value.split_once(':').and_then(|(key, value)| Some((key, value.trim().parse().ok()?))) {
            values.entry(key.trim().to_owned()).or_default().push(number);
        }
    }
    values
}

fn durations() -> impl Strategy<Value = Duration> {
    let whole_seconds = (0_u64..=86_400).prop_map(Duration::from_secs);
    let any = (0_u64..86_400, 0_u32..1_000_000_000).prop_map(|(seconds, nanos)| Duration::new(seconds, nanos));
    prop_oneof![whole_seconds, any, (1_u64..5_000).prop_map(Duration::from_millis)]
}

proptest! {
    #[test]
    fn every_value_obeys_its_rule(
        deadline in durations().prop_filter("`start` rejects it", |deadline| !deadline.is_zero()),
        drain_delay in durations(),
        shutdown in proptest::option::of(0_u64..=86_400),
        budget in proptest::option::of(durations()),
        periods in proptest::collection::btree_map(0_usize..3, 1_u64..86_400, 0..3),
    ) {
        let mut probes = Probes::from_summary(summary_without_checks(deadline, drain_delay), Port::Number(8080));
        if let Some(seconds) = shutdown {
            probes = probes.shutdown_timeout(seconds);
        }
        if let Some(budget) = budget {
            probes = probes.startup_budget(budget);
        }
        for (kind, seconds) in &periods {
            probes = probes.period(Kind::ALL[*kind], Duration::from_secs(*seconds));
        }
        let too_short = periods.values().any(|seconds| Duration::from_secs(*seconds) <= deadline);
        let Ok(yaml) = probes.yaml() else {
            prop_assert!(too_short || budget.is_some_and(|budget| budget.is_zero()), "{:?}", probes.yaml());
            return Ok(());
        };
        prop_assert!(!too_short);

        let values = values(&yaml.to_string());
        let [timeouts, periods_written, failures, successes] =
            ["timeoutSeconds", "periodSeconds", "failureThreshold", "successThreshold"].map(|key| &values[key]);
        let nanos = |seconds: u128| seconds * 1_000_000_000;
        for probe in 0..3 {
            prop_assert!(nanos(timeouts[probe]) > deadline.as_nanos());
            prop_assert!(nanos(timeouts[probe] - 1) <= deadline.as_nanos(), "the first whole second above the deadline");
            prop_assert!(periods_written[probe] >= timeouts[probe]);
            prop_assert_eq!(successes[probe], 1);
        }
        for (kind, seconds) in &periods {
            prop_assert_eq!(periods_written[*kind], u128::from(*seconds));
        }
        prop_assert!(failures[0] >= 3 && failures[1] >= 2 && failures[2] >= 1);
        // The kubelet acts at the last failure, one period less after the first probe than there are failures.
        let last_failure = nanos((failures[2] - 1) * periods_written[2]);
        let budget = budget.unwrap_or(Duration::from_secs(60)).as_nanos();
        prop_assert!(last_failure >= budget);
        prop_assert!(failures[2] == 3 || last_failure - nanos(periods_written[2]) < budget, "as few as the budget requires");
        let stopping = drain_delay + Duration::from_secs(shutdown.unwrap_or(20));
        let grace = values["terminationGracePeriodSeconds"][0];
        prop_assert!(nanos(grace) > stopping.as_nanos());
        prop_assert!(values.values().flatten().all(|number| *number <= i32::MAX as u128), "Kubernetes uses 32 bits");
    }

    #[test]
    fn no_setting_escapes_its_quotes(
        at in prop_oneof![any::<String>(), "[a-z/:#\"\n-]{0,4}"],
        path in prop_oneof!["[ -~\n]{0,12}", "[a-z/,'@-]{1,6}"],
        port in prop_oneof!["[ -~\n]{0,4}", "[a-z0-9]{1,3}"],
    ) {
        let summary = summary_without_checks(Duration::from_secs(1), Duration::ZERO);
        let plain = Probes::from_summary(summary.clone(), "http".into());
        let configured = Probes::from_summary(summary, port.into()).at(&at).path(Kind::Readiness, &path);
        if let Ok(yaml) = configured.yaml() {
            let structure = |text: String| text.lines().map(|line| line.split('"').step_by(2).collect()).collect::<Vec<String>>();
            prop_assert_eq!(structure(yaml.to_string()), structure(plain.yaml().unwrap().to_string()));
        }
    }
}
