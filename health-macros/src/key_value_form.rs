//! Detects `#[health_check = …]`. Its tokens do not differ from those of `#[health_check(…)]`.

/// Returns whether the source text of an attribute is of the form `#[health_check = …]`. The compiler rejects that form and
/// still expands the attribute, with the value as its arguments, so an error about the arguments would be a second error.
pub(crate) fn is_key_value(attribute: &str) -> bool {
    let path = attribute.trim_start().trim_start_matches(['#', '[']);
    path.trim_start_matches(|c: char| c.is_alphanumeric() || c.is_whitespace() || matches!(c, '_' | ':' | '#')).starts_with('=')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_value_form_differs_from_arguments() {
        for attribute in [
            "#[health_check = \"readiness\"]",
            "#[ ::health_runtime::health_check\n= concat!()]",
            "#[r#health_check=$kind]",
            // In a `cfg_attr`.
            "health_check = \"readiness\"",
        ] {
            assert!(is_key_value(attribute), "{attribute}");
        }
        for attribute in [
            "#[health_check(readiness, name = \"=\")]",
            "#[health_check]",
            "#[health_check{}]",
            "#[$attribute]",
            "checks! { = }",
            "health_check(readiness)",
            "",
        ] {
            assert!(!is_key_value(attribute), "{attribute}");
        }
    }
}
