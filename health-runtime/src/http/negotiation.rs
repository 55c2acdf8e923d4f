//! The format that a client prefers, by [RFC 9110, section 12.5.1](https://www.rfc-editor.org/rfc/rfc9110#section-12.5.1).

use std::sync::{Mutex, PoisonError};

use super::accept::{MediaRange, media_ranges};
use super::request::ProbeRequest;
use crate::http::format::Format;

/// How many values of `Accept` a response cache remembers.
const MAX_REMEMBERED: usize = 8;
/// The maximum length in bytes of a value that is remembered. That of a browser has some 150.
const MAX_VALUE: usize = 512;

/// The formats of the last values of `Accept`: parsing that of a browser costs more than the rest of a response.
#[derive(Default)]
pub(super) struct AcceptCache(Mutex<Vec<(Box<[u8]>, Format)>>);

impl AcceptCache {
    /// Returns what [`negotiate`] returns. `default` is the same for each request.
    pub(super) fn negotiate(&self, request: &ProbeRequest<'_>, default: Format) -> Format {
        let (mut lines, mut last): (_, &[u8]) = (0_usize, &[]);
        request.headers.for_each_accept(&mut |line| (lines, last) = (lines + 1, line));
        match (lines, last) {
            // Kubelets and load balancers send one of these.
            (0, _) | (1, b"*/*") => return default,
            (1, _) if last.len() <= MAX_VALUE => {}
            _ => return negotiate(request, default),
        }
        let mut values = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, format)) = values.iter().find(|(value, _)| **value == *last) {
            return *format;
        }
        let format = negotiate(request, default);
        if values.len() >= MAX_REMEMBERED {
            values.remove(0);
        }
        values.push((last.into(), format));
        format
    }
}

/// Returns the format of the body. A client that accepts no format gets the default: a prober needs the status code.
fn negotiate(request: &ProbeRequest<'_>, default: Format) -> Format {
    preferred(&media_ranges(request), default)
}

/// Returns the format with the highest quality. Of several it is the one with the most specific range, then the default,
/// then the first in [`Format::ALL`].
fn preferred(ranges: &[MediaRange<'_>], default: Format) -> Format {
    let rank = |format: Format| {
        let (specificity, quality) = most_specific(ranges, format)?;
        (quality > 0).then_some((quality, specificity, format == default))
    };
    // `max_by_key` returns the last of several equal elements.
    let ranked = Format::ALL.into_iter().rev().filter_map(|format| Some((rank(format)?, format)));
    ranked.max_by_key(|(rank, _)| *rank).map_or(default, |(_, format)| format)
}

/// Returns the specificity and the quality of the most specific range that matches a format.
fn most_specific(ranges: &[MediaRange<'_>], format: Format) -> Option<(u8, u16)> {
    let matching = ranges.iter().filter_map(|range| Some((range.specificity(format.media_type())?, range.quality)));
    matching.max_by_key(|(specificity, _)| *specificity)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::request::tests::HeaderList;

    fn negotiate_lines(lines: &[&str], default: Format) -> Format {
        let headers: Vec<_> = lines.iter().map(|line| ("accept", *line)).collect();
        let (list, cache) = (HeaderList(&headers), AcceptCache::default());
        let request = ProbeRequest::with_headers(&list);
        let format = negotiate(&request, default);
        for _ in 0..2 {
            assert_eq!(cache.negotiate(&request, default), format, "{lines:?}");
        }
        format
    }

    #[test]
    fn the_last_values_are_remembered_and_no_more() {
        let cache = AcceptCache::default();
        let negotiate =
            |accept: &str| cache.negotiate(&ProbeRequest::with_headers(&HeaderList(&[("accept", accept)])), Format::Json);
        for index in 0..100 {
            let accept = format!("text/{index}, text/plain");
            assert_eq!((negotiate(&accept), negotiate(&accept)), (Format::Text, Format::Text));
        }
        negotiate(&format!("text/plain, {}", "x".repeat(MAX_VALUE)));
        negotiate("*/*");
        let remembered: Vec<_> = (92..100).map(|index| format!("text/{index}, text/plain").into_bytes()).collect();
        let values: Vec<_> = cache.0.lock().unwrap().iter().map(|(value, _)| value.to_vec()).collect();
        assert_eq!(values, remembered);
    }

    fn negotiated(accept: &str) -> Format {
        negotiate_lines(&[accept], Format::Json)
    }

    #[test]
    fn the_highest_quality_then_the_most_specific_range_wins() {
        for (accept, expected) in [
            ("*/*", Format::Json),
            ("", Format::Json),
            ("application/json", Format::Json),
            ("application/health+json", Format::HealthJson),
            ("application/health+json;q=0.5, application/json;q=0.4", Format::HealthJson),
            ("application/*", Format::Json),
            ("text/plain", Format::Text),
            ("text/plain; charset=utf-8", Format::Text),
            ("TEXT/Plain", Format::Text),
            ("text/*", Format::Text),
            ("text/html", Format::Html),
            ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", Format::Html),
            ("text/html;q=0.8, application/json", Format::Json),
            ("text/plain, text/*, */*", Format::Text),
            ("text/plain;q=0.1, */*;q=0.9", Format::Json),
            ("text/plain, application/json;q=0.9", Format::Text),
            ("application/json;q=0, */*;q=0.1", Format::HealthJson),
            ("application/json;q=0, application/health+json;q=0, */*;q=0.1", Format::Text),
            ("image/png", Format::Json),
            ("*/*;q=0", Format::Json),
            ("garbage", Format::Json),
            (",,;;,", Format::Json),
            ("garbage, text/plain", Format::Text),
            ("text/plain;q=high", Format::Json),
        ] {
            assert_eq!(negotiated(accept), expected, "{accept}");
        }
    }

    #[test]
    fn all_lines_of_accept_are_read() {
        assert_eq!(negotiate_lines(&["*/*", "application/json;q=0, text/plain"], Format::Json), Format::Text);
    }

    #[test]
    fn a_client_that_accepts_no_format_gets_the_default() {
        assert_eq!(negotiate_lines(&["image/png"], Format::Text), Format::Text);
        assert_eq!(negotiate_lines(&[], Format::HealthJson), Format::HealthJson);
    }

    #[test]
    fn a_line_that_is_not_ascii_means_the_default() {
        assert_eq!(negotiate_lines(&["text/plain", "text/\u{fc}"], Format::Json), Format::Json);
    }

    #[test]
    fn microprofile_and_spring_are_returned_only_as_the_default() {
        for accept in ["application/json", "application/*", "*/*;q=0.5", "application/vnd.spring-boot.actuator.v3+json"] {
            assert_eq!(negotiate_lines(&[accept], Format::Json), Format::Json, "{accept}");
            for default in [Format::MicroProfile, Format::Spring] {
                assert_eq!(negotiate_lines(&[accept], default), default, "{accept}");
            }
        }
        for (accept, expected) in [("text/plain", Format::Text), ("application/health+json", Format::HealthJson)] {
            assert_eq!(negotiate_lines(&[accept], Format::Spring), expected);
        }
    }

    proptest::proptest! {
        #[test]
        fn any_header_is_accepted(accept in "[ -~]{0,300}") {
            negotiated(&accept);
        }

        #[test]
        fn the_highest_quality_wins(json in 0..=1000_u16, health in 0..=1000_u16, text in 0..=1000_u16) {
            let part = |media: &str, q: u16| format!("{media};q={}.{:03}", q / 1000, q % 1000);
            let accept = [
                part("application/json", json),
                part("application/health+json", health),
                part("text/plain", text),
            ];
            let best = [(json, Format::Json), (health, Format::HealthJson), (text, Format::Text)];
            let most = json.max(health).max(text);
            let expected = best.into_iter().find(|(q, _)| *q == most && most > 0).map_or(Format::Json, |(_, format)| format);
            proptest::prop_assert_eq!(negotiated(&accept.join(", ")), expected);
        }
    }
}
