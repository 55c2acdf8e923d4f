//! The layers of the runtime: imports go one way, and each dependency is named only where it belongs.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use regex_lite::Regex;

/// From the bottom to the top: a module imports only from its own layer and from those before it.
const LAYERS: [&[&str]; 13] = [
    &["text"],
    &["core::model"],
    &["core::registry"],
    &["core::events"],
    &["core::engine"],
    &["core::lifecycle"],
    &["core::report"],
    &["core::health", "core::health_inner"],
    &["metrics"],
    &["http", "checks"],
    &["adapters"],
    &["integrations"],
    &["builder"],
];

/// Crates that only some folders name. `core/registry/state.rs` names actix-web in one block, because `.state(web::Data<T>)` must
/// be found by its type.
const CONFINED: [(&str, &[&str]); 14] = [
    ("actix_web", &["adapters/", "core/registry/state.rs"]),
    ("actix_http", &["adapters/"]),
    ("tower", &["adapters/tower/"]),
    ("axum", &["adapters/tower/"]),
    ("hyper", &["adapters/tower/", "checks/"]),
    ("tonic", &["adapters/grpc/"]),
    ("tonic_health", &["adapters/grpc/"]),
    ("sqlx", &["checks/"]),
    ("redis", &["checks/"]),
    ("reqwest", &["checks/"]),
    ("rustls", &["checks/"]),
    ("opentelemetry", &["metrics/"]),
    ("prometheus_client", &["metrics/", "http/metrics.rs"]),
    ("utoipa", &["integrations/openapi/"]),
];

fn source_root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../health-runtime/src")
}

/// Every production file with its path below `src` and its code: neither comments nor unit tests.
fn sources() -> Vec<(String, String)> {
    fn visit(folder: &Path, files: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                visit(&path, files);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    let (root, mut files) = (source_root(), Vec::new());
    visit(&root, &mut files);
    files.sort();
    let relative = |path: &Path| path.strip_prefix(&root).unwrap().to_str().unwrap().replace('\\', "/");
    let is_test = |path: &str| path.contains("/tests/") || path.ends_with("/tests.rs") || path.contains("/test_support/");
    let files = files.into_iter().map(|path| (relative(&path), path)).filter(|(path, _)| !is_test(path));
    files.map(|(path, file)| (path, code(&fs::read_to_string(file).unwrap()))).collect()
}

fn code(source: &str) -> String {
    let production = source.split("#[cfg(test)]\nmod tests {").next().unwrap();
    let lines = production.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

/// The module path of a file, such as `core::engine::execute`.
fn module(path: &str) -> String {
    path.trim_end_matches(".rs").trim_end_matches("/mod").replace('/', "::")
}

fn layer(module: &str) -> Option<usize> {
    let is_in = |prefix: &str| module == prefix || module.strip_prefix(prefix).is_some_and(|rest| rest.starts_with("::"));
    LAYERS.iter().position(|prefixes| prefixes.iter().any(|prefix| is_in(prefix)))
}

/// The modules that a file names, resolved from `crate::` and `super::` paths with or without braces.
fn imports(module: &str, code: &str) -> BTreeSet<String> {
    let path = Regex::new(r"\b(crate|super(?:::super)*)::([A-Za-z_][\w:]*)").unwrap();
    let group = Regex::new(r"\b(crate|super(?:::super)*)::([\w:]*)\{([^;]*?)\};").unwrap();
    let base = |start: &str| -> Vec<String> {
        if start == "crate" {
            return Vec::new();
        }
        let mut parts: Vec<String> = module.split("::").map(ToOwned::to_owned).collect();
        parts.truncate(parts.len().saturating_sub(start.split("::").count()));
        parts
    };
    let join = |start: &str, rest: &str| {
        let mut parts = base(start);
        parts.extend(rest.split("::").filter(|part| !part.is_empty()).map(ToOwned::to_owned));
        parts.join("::")
    };
    let mut found: BTreeSet<String> = path.captures_iter(code).map(|found| join(&found[1], &found[2])).collect();
    for found_group in group.captures_iter(code) {
        for item in found_group[3].split(',').map(str::trim).filter(|item| !item.is_empty()) {
            found.insert(join(&found_group[1], &format!("{}{item}", &found_group[2])));
        }
    }
    found
}

#[test]
fn imports_go_from_upper_layers_to_lower_ones() {
    let mut violations = Vec::new();
    for (path, code) in sources() {
        let module = module(&path);
        let Some(own) = layer(&module) else { continue };
        for import in imports(&module, &code) {
            if layer(&import).is_some_and(|imported| imported > own) {
                violations.push(format!("{path} imports {import}"));
            }
        }
    }
    assert!(violations.is_empty(), "against the order of the layers:\n{}", violations.join("\n"));
}

#[test]
fn folders_of_one_layer_do_not_import_each_other() {
    let mut violations = Vec::new();
    for (path, code) in sources() {
        let own = module(&path);
        let Some(layer_of_own) = layer(&own) else { continue };
        let folder = |module: &str| {
            LAYERS[layer_of_own].iter().position(|prefix| module == *prefix || module.starts_with(&format!("{prefix}::")))
        };
        for import in imports(&own, &code) {
            // `health` and `health_inner` are one module in two files.
            if layer(&import) == Some(layer_of_own) && folder(&import) != folder(&own) && !own.starts_with("core::health") {
                violations.push(format!("{path} imports {import}"));
            }
        }
    }
    assert!(violations.is_empty(), "between folders of one layer:\n{}", violations.join("\n"));
}

/// Returns the modules of a circle, if there is one: `importers` leads to `module`.
fn circle(
    module: &str,
    importers: &mut Vec<String>,
    graph: &BTreeMap<String, BTreeSet<String>>,
    done: &mut BTreeSet<String>,
) -> Option<String> {
    importers.push(module.to_owned());
    for import in &graph[module] {
        if let Some(start) = importers.iter().position(|importer| importer == import) {
            return Some(importers[start..].join(" -> "));
        }
        if !done.contains(import) {
            let found = circle(import, importers, graph, done);
            if found.is_some() {
                return found;
            }
        }
    }
    importers.pop();
    done.insert(module.to_owned());
    None
}

/// A folder's `mod.rs` may use what is below it, which it names by relative paths.
#[test]
fn no_files_import_each_other() {
    let sources = sources();
    let modules: BTreeSet<String> = sources.iter().map(|(path, _)| module(path)).collect();
    // The file of an item is that of the longest module in its path.
    let file_of = |item: &str| {
        let ends = item.rmatch_indices("::").map(|(end, _)| end);
        std::iter::once(item.len()).chain(ends).map(|end| item[..end].to_owned()).find(|module| modules.contains(module))
    };
    let graph: BTreeMap<_, BTreeSet<_>> = sources
        .iter()
        .map(|(path, code)| {
            let own = module(path);
            let imports = imports(&own, code);
            let imported = imports.iter().filter_map(|import| file_of(import)).filter(|import| *import != own).collect();
            (own, imported)
        })
        .collect();
    let mut done = BTreeSet::new();
    let mut circle_from = |module| if done.contains(module) { None } else { circle(module, &mut Vec::new(), &graph, &mut done) };
    assert_eq!(modules.iter().find_map(|module| circle_from(module)), None);
    assert!(graph["core::engine::schedule"].contains("core::engine::check_runner"), "imports are found");
}

#[test]
fn every_file_belongs_to_a_layer() {
    let outside = ["lib.rs", "private.rs"];
    let is_listed = |path: &str| layer(&module(path)).is_some();
    let folders = |path: &str| path == "core/mod.rs" || path.starts_with("guide/");
    let unknown: Vec<String> = sources()
        .into_iter()
        .map(|(path, _)| path)
        .filter(|path| !outside.contains(&&**path) && !folders(path) && !is_listed(path))
        .collect();
    assert_eq!(unknown, Vec::<String>::new());
}

#[test]
fn each_dependency_is_named_only_where_it_belongs() {
    let mut violations = Vec::new();
    // A text may name one, as the remedy of a start error does.
    let text = Regex::new(r#""(?:[^"\\]|\\.)*""#).unwrap();
    for (path, code) in sources() {
        let code: Vec<_> = code.lines().map(|line| text.replace_all(line, "").into_owned()).collect();
        for (dependency, allowed) in CONFINED {
            let named = Regex::new(&format!(r"(?:^|[^\w:]){dependency}::")).unwrap();
            let is_named = code
                .iter()
                .any(|line| named.is_match(line) && !line.contains("crate::") && !line.trim_start().starts_with("self::"));
            if is_named && !allowed.iter().any(|prefix| path.starts_with(prefix)) {
                violations.push(format!("{path} names {dependency}"));
            }
        }
    }
    assert!(violations.is_empty(), "dependencies outside their folders:\n{}", violations.join("\n"));
}
