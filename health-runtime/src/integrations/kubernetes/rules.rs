//! The rules that every figure obeys, and the shape that no setting changes.

use std::collections::BTreeMap;
use std::time::Duration;

use proptest::prelude::*;

use super::summary::Declared;
use super::{Port, Probes};
use crate::Kind;

/// The figures of the three probes, by their keys, in the order in which they are written.
fn figures(yaml: &str) -> BTreeMap<String, Vec<u128>> {
    let mut figures = BTreeMap::<_, Vec<_>>::new();
    for line in yaml.lines() {
        let value = line.split('#').next().unwrap_or_default();
        if let Some((key, figure)) = value.split_once(':').and_then(|(key, value)| Some((key, value.trim().parse().ok()?))) {
            figures.entry(key.trim().to_owned()).or_default().push(figure);
        }
    }
    figures
}

fn durations() -> impl Strategy<Value = Duration> {
    let whole = (0_u64..=86_400).prop_map(Duration::from_secs);
    let any = (0_u64..86_400, 0_u32..1_000_000_000).prop_map(|(seconds, nanos)| Duration::new(seconds, nanos));
    prop_oneof![whole, any, (1_u64..5_000).prop_map(Duration::from_millis)]
}

proptest! {
    #[test]
    fn every_figure_obeys_its_rule(
        deadline in durations().prop_filter("start refuses it", |deadline| !deadline.is_zero()),
        drain_delay in durations(),
        shutdown in proptest::option::of(0_u64..=86_400),
        budget in proptest::option::of(durations()),
        periods in proptest::collection::btree_map(0_usize..3, 1_u64..86_400, 0..3),
    ) {
        let mut probes = Probes::of(Declared::without_checks(deadline, drain_delay), Port::Number(8080));
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

        let figures = figures(&yaml.to_string());
        let [timeouts, asked, failures, successes] =
            ["timeoutSeconds", "periodSeconds", "failureThreshold", "successThreshold"].map(|key| &figures[key]);
        let nanos = |seconds: u128| seconds * 1_000_000_000;
        for probe in 0..3 {
            prop_assert!(nanos(timeouts[probe]) > deadline.as_nanos());
            prop_assert!(nanos(timeouts[probe] - 1) <= deadline.as_nanos(), "the next second, and no later");
            prop_assert!(asked[probe] >= timeouts[probe]);
            prop_assert_eq!(successes[probe], 1);
        }
        for (kind, seconds) in &periods {
            prop_assert_eq!(asked[*kind], u128::from(*seconds));
        }
        prop_assert!(failures[0] >= 3 && failures[1] >= 2 && failures[2] >= 1);
        prop_assert!(nanos(failures[2] * asked[2]) >= budget.unwrap_or(Duration::from_secs(60)).as_nanos());
        let stopping = drain_delay + Duration::from_secs(shutdown.unwrap_or(20));
        let grace = figures["terminationGracePeriodSeconds"][0];
        prop_assert!(nanos(grace) > stopping.as_nanos());
        prop_assert!(figures.values().flatten().all(|figure| *figure <= i32::MAX as u128), "they are 32 bits wide");
    }

    #[test]
    fn no_text_that_is_given_leaves_its_quotes(
        at in prop_oneof![any::<String>(), "[a-z/:#\"\n-]{0,4}"],
        path in prop_oneof!["[ -~\n]{0,12}", "[a-z/,'@-]{1,6}"],
        port in prop_oneof!["[ -~\n]{0,4}", "[a-z0-9]{1,3}"],
    ) {
        let declared = Declared::without_checks(Duration::from_secs(1), Duration::ZERO);
        let plain = Probes::of(declared.clone(), "http".into());
        let given = Probes::of(declared, port.into()).at(&at).path(Kind::Readiness, &path);
        if let Ok(yaml) = given.yaml() {
            let shape = |text: String| text.lines().map(|line| line.split('"').step_by(2).collect()).collect::<Vec<String>>();
            prop_assert_eq!(shape(yaml.to_string()), shape(plain.yaml().unwrap().to_string()));
        }
    }
}
