//! The name that a manifest gives to the runtime crate. A wrong path to it is an error of the compiler, without a remedy.

use std::env;
use std::fs;
use std::path::PathBuf;

/// Returns the name of the runtime crate in the package that is compiled, if its `Cargo.toml` renames it.
pub(crate) fn renamed_runtime() -> Option<String> {
    let folder = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR")?);
    let read = |folder: &std::path::Path| fs::read_to_string(folder.join("Cargo.toml")).ok();
    // A dependency that is inherited from the workspace is renamed there.
    find_renamed(&read(&folder)?, || folder.ancestors().filter_map(read).collect())
}

fn find_renamed(manifest: &str, workspaces: impl FnOnce() -> Vec<String>) -> Option<String> {
    let mut dependencies = dependencies(manifest);
    dependencies.retain(|dependency| !dependency.is_of_workspace);
    if dependencies.iter().any(|dependency| dependency.name() == "health_runtime") {
        return None;
    }
    let renamed = dependencies.iter().find(|dependency| dependency.is_runtime()).or_else(|| {
        let workspaces = workspaces();
        let inherited: Vec<_> = workspaces.iter().flat_map(|manifest| self::dependencies(manifest)).collect();
        let is_renamed =
            |name: String| inherited.iter().any(|other| other.is_of_workspace && other.is_runtime() && other.name() == name);
        dependencies.iter().find(|dependency| dependency.value.contains("workspace=true") && is_renamed(dependency.name()))
    });
    renamed.map(Dependency::name)
}

struct Dependency<'m> {
    key: &'m str,
    /// A value, or a field and its value, without spaces.
    value: String,
    /// In `[workspace.dependencies]`, which only offers it.
    is_of_workspace: bool,
}

impl Dependency<'_> {
    fn name(&self) -> String {
        self.key.trim_matches(['"', '\'']).replace('-', "_")
    }

    fn is_runtime(&self) -> bool {
        self.value.replace('\'', "\"").contains("package=\"health-runtime\"")
    }
}

/// Returns the dependencies, those with a table or a line for each field several times. Other lines are ignored.
fn dependencies(manifest: &str) -> Vec<Dependency<'_>> {
    let mut table = "";
    let mut found = Vec::new();
    for line in manifest.lines().map(str::trim) {
        if let Some(header) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            table = header.trim();
        } else if let Some((key, value)) = line.split_once('=').filter(|_| !line.starts_with('#')) {
            // `[dependencies.name]`, or `name = …` and `name.field = …` in `[dependencies]`.
            let (parent, in_table) = table.rsplit_once("dependencies").unwrap_or((table, "none"));
            let (key, field) = match in_table.strip_prefix('.') {
                Some(name) => (name, key.trim()),
                None if in_table.is_empty() => key.split_once('.').unwrap_or((key, "")),
                None => continue,
            };
            let value = format!("{field}={value}").replace(char::is_whitespace, "");
            found.push(Dependency { key: key.trim(), value, is_of_workspace: parent == "workspace." });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn renamed(manifest: &str) -> Option<String> {
        let workspace = "[workspace.dependencies]\nvitals = { package = \"health-runtime\", version = \"1\" }\n";
        find_renamed(manifest, || vec![manifest.to_owned(), workspace.to_owned()])
    }

    #[test]
    fn a_renamed_dependency_is_found() {
        for manifest in [
            "[dependencies]\nvitals = { package = \"health-runtime\", version = \"1\" }",
            "[dependencies]\nserde = \"1\"\n'vitals' = { version = '1', package = 'health-runtime' }",
            "[dependencies]\nvitals.package = \"health-runtime\"\nvitals.version = \"1\"",
            "[dependencies.vitals]\nversion = \"1\"\npackage = \"health-runtime\" # renamed",
            "[target.'cfg(unix)'.dependencies]\nvitals={package=\"health-runtime\"}",
            "[dev-dependencies.vitals]\npackage = \"health-runtime\"",
            "[dependencies]\nvitals = { workspace = true, features = [\"tls\"] }",
            "[dependencies]\nvitals.workspace = true",
        ] {
            assert_eq!(renamed(manifest).as_deref(), Some("vitals"), "{manifest}");
        }
        let dashed = "[dependencies]\nour-health = { package = \"health-runtime\" }";
        assert_eq!(renamed(dashed).as_deref(), Some("our_health"));
    }

    #[test]
    fn other_manifests_rename_nothing() {
        for manifest in [
            "",
            "[package]\nname = \"x\"\n[dependencies]\nserde = \"1\"",
            "[dependencies]\nhealth-runtime = \"1\"",
            "[dependencies]\nhealth_runtime.workspace = true\nvitals = { package = \"health-runtime\" }",
            "[dependencies.health-runtime]\nversion = \"1\"",
            "[dependencies]\n# vitals = { package = \"health-runtime\" }",
            "[dependencies]\nvitals = \"1\"",
            "[workspace.dependencies]\nvitals = { package = \"health-runtime\" }",
            "[package.metadata.x]\nvitals = { package = \"health-runtime\" }",
            "[features]\nvitals = [\"package = health-runtime\"]",
        ] {
            assert_eq!(renamed(manifest), None, "{manifest}");
        }
    }
}
