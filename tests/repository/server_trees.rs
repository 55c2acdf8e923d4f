//! A program compiles only the server that it uses.

use std::collections::BTreeSet;
use std::process::Command;

use health_tests::workspace;

/// The crates of each server.
const SERVERS: [(&str, &[&str]); 4] = [
    ("actix", &["actix-http", "actix-router", "actix-server", "actix-web", "actix-rt"]),
    ("hyper", &["hyper", "hyper-util"]),
    ("axum", &["axum", "axum-core"]),
    ("tonic", &["tonic", "tonic-health", "prost"]),
];

/// Returns the names of the crates that these features compile.
fn tree(features: &[&str]) -> BTreeSet<String> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--locked", "--package", "health-runtime", "--edges", "normal", "--prefix", "none", "--format", "{p}"])
        .args(features)
        .current_dir(workspace::root())
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let names = String::from_utf8(output.stdout).unwrap();
    names.lines().filter_map(|line| line.split(' ').next()).map(ToOwned::to_owned).collect()
}

/// Printing times in UTC needs no library for time zones, which takes longer to compile than the rest.
#[test]
fn the_default_features_compile_no_library_for_time_zones() {
    let tree = tree(&[]);
    let found: Vec<_> = ["jiff", "chrono"].into_iter().filter(|name| tree.contains(*name)).collect();
    assert_eq!(found, Vec::<&str>::new());
}

#[test]
fn a4_the_features_of_a_server_compile_no_other() {
    let alone = |features: &'static str| vec!["--no-default-features", "--features", features];
    for (features, expected) in [
        (Vec::new(), vec!["actix"]),
        (vec!["--no-default-features"], Vec::new()),
        (alone("actix"), vec!["actix"]),
        (alone("tower"), vec!["hyper"]),
        (alone("axum"), vec!["hyper", "axum"]),
        (alone("grpc"), vec!["tonic"]),
        (alone("axum,grpc"), vec!["hyper", "axum", "tonic"]),
    ] {
        let tree = tree(&features);
        assert!(tree.contains("tokio"), "{tree:?}");
        let found = SERVERS.into_iter().filter(|(_, crates)| crates.iter().any(|name| tree.contains(*name)));
        assert_eq!(found.map(|(server, _)| server).collect::<Vec<_>>(), expected, "{features:?}: {tree:?}");
    }
}
