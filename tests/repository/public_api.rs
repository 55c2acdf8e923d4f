//! The public API of `health_runtime`, line by line, compared with the reviewed one in `health-runtime/public-api.txt`.
//!
//! After an intended change run `PUBLIC_API=overwrite cargo test -p health-tests --test repository public_api` and read the diff.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use health_tests::workspace;

/// Generates rustdoc's JSON with all features into the target folder of this test, and returns its path.
fn json() -> PathBuf {
    let target = workspace::target();
    let output = Command::new(env!("CARGO"))
        .args(["rustdoc", "--locked", "--package", "health-runtime", "--lib", "--all-features", "--target-dir"])
        .arg(&target)
        .args(["--", "-Z", "unstable-options", "--output-format", "json"])
        .current_dir(workspace::root())
        .env("RUSTDOC", workspace::root().join("tests/programs/rustdoc"))
        .env_remove("CARGO_BUILD_TARGET")
        .env_remove("RUSTDOCFLAGS")
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    target.join("doc/health_runtime.json")
}

fn public_api() -> String {
    let api = public_api::Builder::from_rustdoc_json(json())
        .sorted(true)
        // Every type has the same blanket and auto traits, which would hide the other lines.
        .omit_blanket_impls(true)
        .omit_auto_trait_impls(true)
        .build()
        .unwrap_or_else(|error| panic!("{error}; take the version of public-api that reads what this rustdoc writes"));
    api.to_string()
}

#[test]
fn the_public_api_equals_the_reviewed_one() {
    let file = workspace::root().join("health-runtime/public-api.txt");
    let found = public_api();
    if std::env::var_os("PUBLIC_API").is_some_and(|how| how == "overwrite") {
        fs::write(&file, &found).unwrap();
    }
    let reviewed = fs::read_to_string(&file).unwrap();
    let (is, was): (BTreeSet<_>, BTreeSet<_>) = (found.lines().collect(), reviewed.lines().collect());
    let added: Vec<_> = is.difference(&was).collect();
    let removed: Vec<_> = was.difference(&is).collect();
    assert!(
        found == reviewed,
        "the public API is another one; added: {added:#?}, removed: {removed:#?}; if that is wanted, run \
         `PUBLIC_API=overwrite cargo test -p health-tests --test repository public_api` and add a line to CHANGELOG.md"
    );
}
