//! The badges of the README are files of this repository and agree with the manifest of the workspace.

use std::fs;

use health_tests::workspace;

#[test]
fn badges_match_the_manifest_and_are_in_the_readme() {
    let content = |file: &str| fs::read_to_string(workspace::root().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
    let (manifest, readme) = (content("Cargo.toml"), content("README.md"));
    let value = |key: &str| {
        let line = manifest.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(" = \""));
        line.unwrap_or_else(|| panic!("no {key}")).trim_end_matches('"').to_owned()
    };
    for (badge, text) in [
        ("rust", format!("rust: {}+", value("rust-version"))),
        ("licence", format!("licence: {}", value("license"))),
        ("unsafe", format!("unsafe: {}", if value("unsafe_code") == "forbid" { "forbidden" } else { "allowed" })),
    ] {
        let file = format!("health-runtime/badges/{badge}.svg");
        let svg = content(&file);
        assert!(svg.contains(&format!("<title>{text}</title>")), "{svg}");
        assert!(!svg.contains("href"), "it asks for nothing elsewhere");
        assert!(readme.contains(&format!("![{text}]({file})")), "{text}");
    }
}
