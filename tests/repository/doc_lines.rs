//! The width of the code in the docs.

use std::fs;

use health_tests::workspace;

/// What rustdoc's page shows on a screen of 1,280 pixels without scrolling.
const MAX_COLUMNS: usize = 100;

/// Returns the text of a line of docs, and `None` for code. The docs of modules in `core` are for readers of the source.
fn doc_text(line: &str, is_private: bool) -> Option<&str> {
    let line = line.trim_start();
    let text = line.strip_prefix("///").or_else(|| line.strip_prefix("//!").filter(|_| !is_private))?;
    Some(text.strip_prefix(' ').unwrap_or(text))
}

/// Returns the lines of code that the docs show and that are too long.
fn too_long(text: &str, is_markdown: bool, is_private: bool) -> Vec<&str> {
    let mut is_code = false;
    let mut found = Vec::new();
    for line in text.lines() {
        // The fence of an example that needs a feature.
        if line.starts_with("#![cfg_attr(") || line.trim_start().starts_with("#[cfg_attr(") {
            is_code |= line.contains("doc = \"```");
            continue;
        }
        let Some(shown) = (if is_markdown { Some(line) } else { doc_text(line, is_private) }) else {
            is_code = false;
            continue;
        };
        if shown.starts_with("```") {
            is_code = !is_code;
        } else if is_code && !shown.starts_with("# ") && shown.chars().count() > MAX_COLUMNS {
            found.push(line);
        }
    }
    found
}

#[test]
fn code_in_the_docs_is_not_cut_off() {
    let source = workspace::root().join("health-runtime/src");
    let mut examples = 0;
    for path in [workspace::files(&source, "rs"), workspace::files(&source, "md")].concat() {
        let text = fs::read_to_string(&path).unwrap();
        examples += text.matches("```").count() / 2;
        let is_private = path.starts_with(source.join("core"));
        let is_markdown = path.extension().is_some_and(|extension| extension == "md");
        assert_eq!(too_long(&text, is_markdown, is_private), Vec::<&str>::new(), "{}", path.display());
    }
    assert!(examples > 50, "{examples}");
}

#[test]
fn only_shown_code_counts() {
    let long = "x".repeat(MAX_COLUMNS + 1);
    for (text, count) in [
        (format!("/// ```\n/// {long}\n/// ```\n"), 1),
        (format!("/// ```\n/// # {long}\n/// ```\n"), 0),
        (format!("/// {long}\n{long}\n"), 0),
        (format!("    #[cfg_attr(feature = \"actix\", doc = \"```\")]\n    /// {long}\n    /// ```\n    /// {long}\n"), 1),
        (format!("//! ```text\n//! {long}\n//! ```\n"), 0),
    ] {
        assert_eq!(too_long(&text, false, true).len(), count, "{text}");
    }
    assert_eq!(too_long(&format!("```\n{long}\n```\n{long}\n"), true, false).len(), 1);
}
