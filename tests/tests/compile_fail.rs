//! Every misuse of the attribute is one error, on the token at fault. `ui/README.md` says how to add one.

#![allow(clippy::unwrap_used, reason = "a test that cannot read its fixtures has failed")]

use std::fs;
use std::path::{Path, PathBuf};

#[test]
fn every_misuse_is_one_error() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/ui/fail/*/*.rs");
}

/// What the compiler printed, beside each fixture.
#[test]
fn every_fixture_expects_one_error_at_a_place() {
    let themes = ["args", "arguments", "durations", "liveness", "placement", "returns", "signature"];
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ui/fail");
    assert_eq!(names_in(&root), themes);
    let mut fixtures = 0;
    for source in
        themes.iter().flat_map(|theme| paths_in(&root.join(theme))).filter(|path| path.extension() == Some("rs".as_ref()))
    {
        fixtures += 1;
        let name = source.display();
        let printed = fs::read_to_string(source.with_extension("stderr")).unwrap_or_else(|error| panic!("{name}: {error}"));
        let errors = printed.lines().filter(|line| line.starts_with("error")).count();
        let excepted = fs::read_to_string(&source).unwrap().starts_with("// Exception: ");
        assert!(if excepted { errors > 1 } else { errors == 1 }, "{name} expects {errors} errors");
        assert!(printed.lines().any(|line| is_place(line, &source)), "{name} expects an error without a place in it");
        assert!(!printed.contains("/home/") && !printed.contains(env!("CARGO_MANIFEST_DIR")), "{name} names this machine");
    }
    assert!(fixtures >= 70, "{fixtures} fixtures");
}

/// ` --> tests/ui/fail/args/no_kind.rs:3:1`
fn is_place(line: &str, source: &Path) -> bool {
    let Some(place) = line.trim_start().strip_prefix("--> ") else {
        return false;
    };
    let mut parts = place.rsplitn(3, ':');
    let is_number = |part: Option<&str>| part.is_some_and(|part| part.parse::<u32>().is_ok());
    is_number(parts.next()) && is_number(parts.next()) && parts.next().is_some_and(|path| source.ends_with(path))
}

fn names_in(folder: &Path) -> Vec<String> {
    paths_in(folder).iter().filter_map(|path| Some(path.file_name()?.to_str()?.to_owned())).collect()
}

fn paths_in(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}
