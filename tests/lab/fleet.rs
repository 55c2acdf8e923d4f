//! The simulator of `tests/fleet` with small fleets.

use std::time::Duration;

use simulator::policy::Policy;
use simulator::probe_load::probe_load;
use simulator::scenario::Scenario;
use simulator::simulation::{Figures, simulate};
use simulator::{SEED, blame, blame_table, in_parallel, plot, probe_load_table, table};

#[path = "../fleet/simulator/mod.rs"]
mod simulator;

/// The same number in each zone.
const REPLICAS: usize = 60;

fn scenario(name: &str) -> Scenario {
    let mut all = Scenario::all().into_iter();
    all.find(|scenario| scenario.name == name).unwrap()
}

/// Simulates these policies in one scenario.
fn simulated<const N: usize>(policies: [Policy; N], name: &str) -> [Figures; N] {
    let scenario = scenario(name);
    let figures = in_parallel(&policies, |policy| simulate(*policy, &scenario, REPLICAS, SEED));
    figures.try_into().expect("one for each policy")
}

#[test]
fn equal_seeds_print_equal_bytes_and_other_seeds_do_not() {
    let _running = crate::one_at_a_time();
    let printed = |seed| {
        let scenario = scenario("replica");
        let compared = vec![(Policy::Critical, simulate(Policy::Critical, &scenario, REPLICAS, seed))];
        let loads = [(Policy::Cached, vec![probe_load(Policy::Cached, REPLICAS, seed)])];
        let blames = [(Policy::Cached, blame::blame(Policy::Cached, 20, seed))];
        let tables = table(&compared) + &probe_load_table(&[REPLICAS], &loads) + &blame_table(&blames);
        (tables, plot(&scenario, &compared))
    };
    let first = printed(SEED);
    assert_eq!(first, printed(SEED));
    let other = printed(SEED + 1);
    assert!(first.0 != other.0 && first.1 != other.1, "{}", other.0);
    assert!(first.1.starts_with("<svg ") && first.1.ends_with("</svg>\n"));
    assert_eq!(first.1.matches("<polyline ").count(), 4, "one line for each panel");
}

#[test]
fn without_a_shared_check_a_fleet_restarts_or_leaves_at_once_or_keeps_a_bad_replica() {
    let _running = crate::one_at_a_time();
    let [liveness, critical, absent] = simulated([Policy::Liveness, Policy::Critical, Policy::Absent], "away");
    assert!(liveness.restarts > 60, "every replica restarts again and again: {}", liveness.restarts);
    assert_eq!((critical.restarts, absent.restarts), (0, 0));
    assert_eq!((liveness.min_ready, critical.min_ready, absent.min_ready), (0.0, 0.0, 1.0));
    // The Service has no endpoint, Envoy panics, the load balancer fails open.
    let capacities = |figures: &Figures| figures.ways.iter().map(|way| way.min_capacity).collect::<Vec<_>>();
    assert_eq!(capacities(&liveness), [0.0; 3]);
    let [service, envoy, _] = capacities(&critical).try_into().expect("three ways");
    assert!(service <= 0.0 && envoy >= 0.5, "{service} {envoy}");
    assert_eq!(capacities(&absent), [1.0; 3]);

    let [critical, not_critical] = simulated([Policy::Critical, Policy::NotCritical], "replica");
    assert!(critical.out_after.is_some_and(|after| after < Duration::from_secs(15)), "{:?}", critical.out_after);
    assert_eq!(not_critical.out_after, None);
}

#[test]
fn f10_a_fleet_with_a_shared_check_stays_while_the_dependency_is_away_or_slow_or_returns() {
    let _running = crate::one_at_a_time();
    let figures = in_parallel(&["away", "brown-out", "recovery"], |name| {
        let [figures] = simulated([Policy::Shared], name);
        figures
    });
    for figures in figures {
        let capacities: Vec<f64> = figures.ways.iter().map(|way| way.min_capacity).collect();
        assert!(figures.min_ready >= 0.5 && capacities.iter().all(|capacity| *capacity >= 0.5), "{capacities:?}");
        assert_eq!(figures.restarts, 0);
        assert!(figures.recovery_peak <= 2.0, "{}", figures.recovery_peak);
    }
}

#[test]
fn f11_one_replica_without_a_shared_dependency_leaves_and_half_of_a_fleet_stays() {
    let _running = crate::one_at_a_time();
    let [replica] = simulated([Policy::Shared], "replica");
    assert!(replica.out_after.is_some_and(|after| after <= Duration::from_secs(15)), "{:?}", replica.out_after);
    let [left_behind] = simulated([Policy::Shared], "left-behind");
    assert!(left_behind.out_after.is_some_and(|after| after < Duration::from_mins(1)), "{:?}", left_behind.out_after);
    let [zone] = simulated([Policy::Shared], "zone");
    assert!((zone.min_ready - 2.0 / 3.0).abs() < 0.001, "exactly the replicas of the zone leave: {}", zone.min_ready);
    // The answers that an instance gets are random, so one fleet shows little.
    let (zones, seeds) = (scenario("zones"), [0, 1, 2, 4].map(|number| SEED + number));
    let stay = in_parallel(&seeds, |seed| simulate(Policy::Shared, &zones, REPLICAS, *seed).min_ready);
    assert!(stay.iter().all(|part| *part >= 0.5), "{stay:?}");
}

#[test]
fn f12_a_shared_check_finds_out_where_a_fault_is() {
    let _running = crate::one_at_a_time();
    let decided = blame::blame(Policy::Shared, 300, SEED);
    assert!(decided.everywhere.all > 100 && decided.here.all > 100, "{decided:?}");
    assert!(decided.share() >= 0.99, "{decided:?}");
}

#[test]
fn f13_five_probers_cause_at_most_one_query_for_each_replica_and_cache_time() {
    let _running = crate::one_at_a_time();
    for replicas in [1, 10, REPLICAS] {
        let loads = in_parallel(&Policy::ALL, |policy| (*policy, probe_load(*policy, replicas, SEED)));
        for (policy, load) in loads {
            match policy {
                Policy::Critical => assert!(load > 3.0, "without a cache nearly every probe runs the check: {load}"),
                _ => assert!(load <= 1.0, "{policy:?}: {load}"),
            }
        }
    }
}
