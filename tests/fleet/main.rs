//! Compares policies for the check of a dependency that all replicas share, in simulated fleets: a table for each scenario, and with
//! `--out` a plot. Equal arguments print equal bytes.
//!
//! ```sh
//! cargo run --release -p health-tests --example fleet -- [--seed N] [--replicas N] [--scenario NAME] [--out FOLDER]
//! ```

#![allow(clippy::expect_used, clippy::panic, reason = "errors end this program")]

mod simulator;

use std::fs;
use std::path::PathBuf;

use simulator::blame::blame;
use simulator::policy::Policy;
use simulator::probe_load::probe_load;
use simulator::scenario::Scenario;
use simulator::simulation::simulate;
use simulator::{SEED, blame_table, in_parallel, plot, probe_load_table, table};

const PROBE_LOAD: &str = "queries of checks for each replica and cache time, with five probers; by the number of replicas";
const BLAME: &str = "is the fault here or everywhere? Random fleets of 3 to 50 replicas";
/// The number of random scenarios.
const BLAMES: u64 = 10_000;

struct Arguments {
    seed: u64,
    replicas: usize,
    /// The name of the only scenario, `probe-load` or `blame`.
    scenario: Option<String>,
    /// Where plots are written.
    out: Option<PathBuf>,
}

impl Arguments {
    fn parse() -> Self {
        let mut arguments = Self { seed: SEED, replicas: 1_000, scenario: None, out: None };
        let mut given = std::env::args().skip(1);
        while let Some(name) = given.next() {
            let value = given.next().unwrap_or_else(|| panic!("`{name}` has no value"));
            match &*name {
                "--seed" => arguments.seed = value.parse().expect("a number"),
                "--replicas" => arguments.replicas = value.parse().expect("a number"),
                "--scenario" => arguments.scenario = Some(value),
                "--out" => arguments.out = Some(value.into()),
                _ => panic!("unknown argument `{name}`; known are --seed, --replicas, --scenario and --out"),
            }
        }
        arguments
    }
}

fn main() {
    let Arguments { seed, replicas, scenario: only, out } = Arguments::parse();
    let scenarios = Scenario::all();
    let names: Vec<&str> = scenarios.iter().map(|scenario| scenario.name).chain(["probe-load", "blame"]).collect();
    let is_wanted = |name: &str| only.as_ref().is_none_or(|only| only == name);
    assert!(names.iter().any(|name| is_wanted(name)), "unknown scenario; known are {}", names.join(", "));
    println!("{replicas} replicas, seed {seed}");
    for scenario in scenarios.iter().filter(|scenario| is_wanted(scenario.name)) {
        let compared = in_parallel(&Policy::ALL, |policy| (*policy, simulate(*policy, scenario, replicas, seed)));
        println!("\n{}\n{}", scenario.title, table(&compared));
        if let Some(folder) = &out {
            fs::create_dir_all(folder).expect("a folder");
            fs::write(folder.join(format!("{}.svg", scenario.name)), plot(scenario, &compared)).expect("a writable folder");
        }
    }
    if is_wanted("probe-load") {
        let sizes: Vec<usize> = (0..=4).map(|power| 10_usize.pow(power)).take_while(|size| *size <= replicas).collect();
        let load = |policy: &Policy| (*policy, sizes.iter().map(|size| probe_load(*policy, *size, seed)).collect());
        println!("\n{PROBE_LOAD}\n{}", probe_load_table(&sizes, &in_parallel(&Policy::ALL, load)));
    }
    if is_wanted("blame") {
        println!("\n{BLAME}\n{}", blame_table(&Policy::ALL.map(|policy| (policy, blame(policy, BLAMES, seed)))));
    }
}
