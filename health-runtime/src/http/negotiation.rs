//! Which format a client prefers, by [RFC 9110, section 12.5.1](https://www.rfc-editor.org/rfc/rfc9110#section-12.5.1).

use actix_web::dev::ServiceRequest;
use actix_web::http::header::{ACCEPT, Accept, Header, Quality, QualityItem};
use actix_web::mime::{self, Mime};

use crate::http::format::Format;

/// The format of the answer. What a client does not accept is sent all the same: a probe wants the code.
pub(crate) fn format(req: &ServiceRequest, default: Format) -> Format {
    // A kubelet, a load balancer and curl send nothing or this.
    let mut lines = req.headers().get_all(ACCEPT);
    let asks_for_nothing = lines.next().is_none_or(|accept| accept == "*/*") && lines.next().is_none();
    if asks_for_nothing {
        return default;
    }
    match Accept::parse(req) {
        Ok(Accept(ranges)) => preferred(&ranges, default),
        Err(_) => default,
    }
}

/// The one with the highest quality; of equals the one that is named more exactly, then the default, then the first.
fn preferred(ranges: &[QualityItem<Mime>], default: Format) -> Format {
    let rank = |format: Format| {
        let (exactness, quality) = quality(ranges, format)?;
        (quality > Quality::ZERO).then_some((quality, exactness, format == default))
    };
    // The last of equals would win, so the first is asked last.
    let ranked = Format::ALL.into_iter().rev().filter_map(|format| Some((rank(format)?, format)));
    ranked.max_by_key(|(rank, _)| *rank).map_or(default, |(_, format)| format)
}

/// The most exact range that takes the format, and its quality.
fn quality(ranges: &[QualityItem<Mime>], format: Format) -> Option<(u8, Quality)> {
    let (kind, subtype) = format.media_type();
    let matching = ranges.iter().filter_map(|range| {
        let exactness = match (range.item.type_(), range.item.essence_str().split_once('/')) {
            (mime::STAR, _) => 0,
            (main, Some((_, "*"))) if main == kind => 1,
            (main, Some((_, sub))) if main == kind && sub == subtype => 2,
            _ => return None,
        };
        Some((exactness, range.quality))
    });
    matching.max_by_key(|(exactness, _)| *exactness)
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn of(accept: &str) -> Format {
        format(&TestRequest::default().insert_header((ACCEPT, accept)).to_srv_request(), Format::Json)
    }

    #[test]
    fn the_client_s_preference_counts() {
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
            ("text/html", Format::Html.or_json()),
            ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", Format::Html.or_json()),
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
            assert_eq!(of(accept), expected, "{accept}");
        }
    }

    #[test]
    fn every_line_counts() {
        let request =
            TestRequest::default().append_header((ACCEPT, "*/*")).append_header((ACCEPT, "application/json;q=0, text/plain"));
        assert_eq!(format(&request.to_srv_request(), Format::Json), Format::Text);
    }

    #[test]
    fn what_fits_nothing_gets_the_default() {
        let request = TestRequest::default().insert_header((ACCEPT, "image/png")).to_srv_request();
        assert_eq!(format(&request, Format::Text), Format::Text);
        assert_eq!(format(&TestRequest::default().to_srv_request(), Format::HealthJson), Format::HealthJson);
    }

    #[test]
    fn a_shape_of_another_ecosystem_is_never_chosen_and_stays_where_it_is_the_default() {
        let of =
            |accept: &str, default| format(&TestRequest::default().insert_header((ACCEPT, accept)).to_srv_request(), default);
        for accept in ["application/json", "application/*", "*/*;q=0.5", "application/vnd.spring-boot.actuator.v3+json"] {
            assert_eq!(of(accept, Format::Json), Format::Json, "{accept}");
            for default in [Format::MicroProfile, Format::Spring] {
                assert_eq!(of(accept, default), default, "{accept}");
            }
        }
        for (accept, expected) in [("text/plain", Format::Text), ("application/health+json", Format::HealthJson)] {
            assert_eq!(of(accept, Format::Spring), expected);
        }
    }

    proptest::proptest! {
        #[test]
        fn whatever_is_sent_has_an_answer(accept in "[ -~]{0,300}") {
            of(&accept);
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
            proptest::prop_assert_eq!(of(&accept.join(", ")), expected);
        }
    }
}
