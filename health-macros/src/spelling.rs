//! How the attribute is spelt, as far as its tokens do not say.

/// Whether it is `#[health_check = …]`, from its text. The compiler refuses that, and hands over the value as it does the
/// arguments in `#[health_check(…)]`.
pub(crate) fn is_key_value(attribute: &str) -> bool {
    let path = attribute.trim_start().trim_start_matches(['#', '[']);
    path.trim_start_matches(|c: char| c.is_alphanumeric() || c.is_whitespace() || matches!(c, '_' | ':' | '#')).starts_with('=')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_told_from_arguments() {
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
