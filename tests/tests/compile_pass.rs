//! The attribute survives what a crate does around it. `ui/README.md` says how to add a case.

use std::fs;
use std::path::Path;

#[test]
fn every_use_builds_and_runs() {
    let cases = trybuild::TestCases::new();
    cases.pass("tests/ui/pass/*.rs");
}

/// trybuild itself passes over warnings.
#[test]
fn every_fixture_denies_warnings() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ui/pass");
    let mut fixtures = 0;
    for entry in fs::read_dir(root).unwrap() {
        let path = entry.unwrap().path();
        let source = fs::read_to_string(&path).unwrap();
        assert!(source.contains("#![deny(warnings"), "{}", path.display());
        fixtures += 1;
    }
    assert!(fixtures >= 15, "{fixtures} fixtures");
}
