//! The media ranges of the `Accept` header, by [RFC 9110, section 12.5.1](https://www.rfc-editor.org/rfc/rfc9110#section-12.5.1).

use std::str;

use super::request::ProbeRequest;

/// One item of `Accept`, such as `text/*;q=0.5`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct MediaRange<'h> {
    main_type: &'h str,
    subtype: &'h str,
    /// In thousandths. A range with a quality of 0 is not acceptable.
    pub(crate) quality: u16,
}

/// Returns what a client accepts, from all lines of `Accept`. Invalid items are ignored. A line with characters other than visible
/// ASCII makes all of them invalid.
pub(crate) fn media_ranges<'r>(request: &ProbeRequest<'r>) -> Vec<MediaRange<'r>> {
    let (mut ranges, mut is_readable) = (Vec::new(), true);
    request.headers.for_each_accept(&mut |line| match str::from_utf8(line) {
        Ok(line) if line.is_ascii() => ranges.extend(line.split(',').filter_map(MediaRange::parse)),
        _ => is_readable = false,
    });
    if is_readable { ranges } else { Vec::new() }
}

impl<'h> MediaRange<'h> {
    fn parse(item: &'h str) -> Option<Self> {
        let (main_type, rest) = split_token(item.trim())?;
        let (subtype, mut parameters) = split_token(rest.strip_prefix('/')?)?;
        let mut quality = 1000;
        while !parameters.is_empty() {
            parameters = parameters.trim_start().strip_prefix(';')?.trim_start();
            if parameters.starts_with(';') {
                continue; // The grammar allows empty parameters.
            }
            let (name, rest) = split_token(parameters)?;
            let (value, rest) = split_value(rest.strip_prefix('=')?)?;
            if name.eq_ignore_ascii_case("q") {
                quality = parse_quality(value)?;
            }
            parameters = rest;
        }
        Some(Self { main_type, subtype, quality })
    }

    /// Returns how specific the range is, if it matches a media type: 2 for `text/plain`, 1 for `text/*`, 0 for `*/*`.
    pub(crate) fn specificity(&self, (main_type, subtype): (&str, &str)) -> Option<u8> {
        match (self.main_type, self.subtype) {
            ("*", "*") => Some(0),
            (own, "*") if own.eq_ignore_ascii_case(main_type) => Some(1),
            (own, sub) if own.eq_ignore_ascii_case(main_type) && sub.eq_ignore_ascii_case(subtype) => Some(2),
            _ => None,
        }
    }
}

/// Splits off a token of at least one character.
fn split_token(text: &str) -> Option<(&str, &str)> {
    let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    let end = text.find(|c| !is_token(c)).unwrap_or(text.len());
    text.split_at_checked(end).filter(|(token, _)| !token.is_empty())
}

/// Splits off the value of a parameter: a token, or a quoted string with its quotes.
fn split_value(text: &str) -> Option<(&str, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        return split_token(text);
    };
    let mut escaped = false;
    let closing = quoted.find(|c| {
        let is_closing = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        is_closing
    })?;
    text.split_at_checked(closing + 2)
}

/// Parses a quality of at most three decimals, in thousandths.
fn parse_quality(text: &str) -> Option<u16> {
    let (integer, decimals) = text.split_once('.').unwrap_or((text, ""));
    if decimals.len() > 3 || !decimals.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let thousandths = format!("{decimals:0<3}").parse().ok()?;
    match integer {
        "0" => Some(thousandths),
        "1" if thousandths == 0 => Some(1000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(main_type: &'static str, subtype: &'static str, quality: u16) -> MediaRange<'static> {
        MediaRange { main_type, subtype, quality }
    }

    #[test]
    fn valid_items_are_parsed() {
        for (item, expected) in [
            ("*/*", range("*", "*", 1000)),
            (" text/* ", range("text", "*", 1000)),
            ("TEXT/Plain", range("TEXT", "Plain", 1000)),
            ("application/health+json;q=0.5", range("application", "health+json", 500)),
            ("text/plain ; charset=utf-8 ; Q=1.000", range("text", "plain", 1000)),
            (r#"text/plain;title="a;q=\"0.1\"";q=0.25;x=y"#, range("text", "plain", 250)),
            ("text/plain;q=0", range("text", "plain", 0)),
            ("text/plain; ;q=0.5", range("text", "plain", 500)),
            ("text/plain;q=1.", range("text", "plain", 1000)),
            ("text/plain;q=0.7;q=0.3", range("text", "plain", 300)),
        ] {
            assert_eq!(MediaRange::parse(item), Some(expected), "{item}");
        }
    }

    #[test]
    fn invalid_items_are_not() {
        for item in [
            "",
            "text",
            "/plain",
            "text/",
            "te xt/plain",
            "text/pl ain",
            "text/plain;q",
            "text/plain;q=",
            "text/plain;q=1.1",
            "text/plain;q=2",
            "text/plain;q=0.1234",
            "text/plain;q=high",
            "text/plain;q=.5",
            "text/plain;q=-0",
            r#"text/plain;q="1""#,
            r#"text/plain;a="b"#,
            "text/plain;a = b",
            "text/plain a=b",
        ] {
            assert_eq!(MediaRange::parse(item), None, "{item}");
        }
    }

    #[test]
    fn a_range_matches_its_media_types() {
        for (item, expected) in
            [("*/*", Some(0)), ("Text/*", Some(1)), ("text/PLAIN", Some(2)), ("*/plain", None), ("text/html", None)]
        {
            let range = MediaRange::parse(item).unwrap();
            assert_eq!(range.specificity(("text", "plain")), expected, "{item}");
        }
    }
}
