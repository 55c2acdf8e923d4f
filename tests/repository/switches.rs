//! No feature of the runtime switches anything on in another crate of a program.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::Command;

use health_tests::workspace;
use regex_lite::Regex;

/// `default` is a list of others, and these are the program's choice of TLS.
const CHOSEN: [&str; 4] = ["default", "aws-lc-rs", "ring", "tls12"];

/// Crates whose features a program notices, and those that the runtime may enable.
const ALLOWED: [(&str, &[&str]); 10] = [
    ("aws-lc-rs", &[]),
    ("native-tls", &[]),
    ("redis", &["aio", "bytes", "connection-manager", "tokio", "tokio-comp", "tokio-util"]),
    ("reqwest", &[]),
    ("ring", &[]),
    ("rustls", &["std"]),
    ("serde_json", &["default", "raw_value", "std"]),
    ("sqlx", &["migrate"]),
    ("sqlx-core", &["crc", "default", "migrate", "sha2"]),
    ("tokio-rustls", &[]),
];

fn features() -> String {
    let manifest = fs::read_to_string(workspace::root().join("health-runtime/Cargo.toml")).unwrap();
    let (_, features) = manifest.split_once("[features]\n").unwrap();
    let (features, _) = features.split_once("\n[").unwrap();
    let name = Regex::new("(?m)^([a-z0-9_-]+) = ").unwrap();
    let names = name.captures_iter(features).map(|found| found[1].to_owned());
    names.filter(|name| !CHOSEN.contains(&&**name)).collect::<Vec<_>>().join(",")
}

/// `tests/scripts/coexist` runs programs with and without this project.
#[test]
fn a6_no_feature_switches_tls_on_or_changes_json() {
    let features = features();
    assert!(["actix", "http", "redis", "tls", "sqlx"].iter().all(|name| features.contains(name)), "{features}");
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--locked", "--package", "health-runtime", "--edges", "normal,features", "--prefix", "none"])
        .args(["--no-default-features", "--features", &features])
        .current_dir(workspace::root())
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let tree = String::from_utf8(output.stdout).unwrap();
    let line = Regex::new(r#"(?m)^([\w-]+) feature "([\w-]+)""#).unwrap();
    let mut enabled = BTreeMap::<&str, BTreeSet<&str>>::new();
    for found in line.captures_iter(&tree) {
        let [_, name, feature] = [0, 1, 2].map(|group| found.get(group).unwrap().as_str());
        enabled.entry(name).or_default().insert(feature);
    }
    assert!(enabled["rustls"].contains("std"), "the tree shows features");
    for (name, allowed) in ALLOWED {
        let more: Vec<_> = enabled.get(name).into_iter().flatten().filter(|feature| !allowed.contains(feature)).collect();
        assert!(more.is_empty(), "{name} has {more:?}");
    }
    for chosen in ["ring", "aws-lc-rs", "native-tls", "opentelemetry_sdk"] {
        assert!(!tree.lines().any(|line| line.starts_with(&format!("{chosen} v"))), "{chosen} is compiled");
    }
}
