//! What is printed of a probe, and the exit code.

use std::io::{self, Write};
use std::process::ExitCode;
use std::time::Duration;

use super::MOST_PRINTED;
use super::exchange::Problem;
use super::response::Answer;
use super::target::Target;
use crate::text::truncate::floor_char_boundary;

/// At most as many bytes as may be printed, together.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Said {
    is_healthy: bool,
    /// A whole line, where there is more to say than the body does.
    sentence: String,
    body: String,
}

impl Said {
    pub(super) fn answer(target: &Target, answer: Answer) -> Self {
        let Answer { code, body } = answer;
        let is_healthy = (200..300).contains(&code);
        let sentence = if is_healthy { String::new() } else { format!("{} answered {code}", target.url()) };
        Self::new(is_healthy, sentence, &String::from_utf8_lossy(&body))
    }

    pub(super) fn problem(target: &Target, problem: &Problem, limit: Duration) -> Self {
        let url = target.url();
        Self::mistake(match problem {
            Problem::Late => format!("{url} did not answer within {limit:?}"),
            Problem::Other(what) => format!("{url} {what}"),
        })
    }

    /// What kept it from asking.
    pub(super) fn mistake(sentence: String) -> Self {
        Self::new(false, sentence, "")
    }

    fn new(is_healthy: bool, mut sentence: String, body: &str) -> Self {
        if !sentence.is_empty() {
            sentence.truncate(floor_char_boundary(&sentence, MOST_PRINTED - 1));
            sentence.push('\n');
        }
        let room = MOST_PRINTED.saturating_sub(sentence.len());
        let body = body.get(..floor_char_boundary(body, room)).unwrap_or_default().to_owned();
        Self { is_healthy, sentence, body }
    }

    pub(super) fn print(&self) -> ExitCode {
        // Whoever asked may be gone. What counts is the exit code.
        let _ = io::stderr().write_all(self.sentence.as_bytes());
        let mut out = io::stdout().lock();
        let _ = out.write_all(self.body.as_bytes()).and_then(|()| out.flush());
        if self.is_healthy { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target() -> Target {
        Target::parse("http://127.0.0.1:8080/readyz?token=hunter2").unwrap()
    }

    fn said(code: u16, body: &[u8]) -> Said {
        Said::answer(&target(), Answer { code, body: body.to_vec() })
    }

    #[test]
    fn from_200_to_299_is_healthy_and_its_body_is_all_that_is_said() {
        for (code, is_healthy) in
            [(100, false), (199, false), (200, true), (204, true), (299, true), (302, false), (404, false), (503, false)]
        {
            let url = "http://127.0.0.1:8080/readyz?token=***";
            let sentence = if is_healthy { String::new() } else { format!("{url} answered {code}\n") };
            assert_eq!(said(code, b"{}"), Said { is_healthy, sentence, body: "{}".to_owned() });
        }
    }

    #[test]
    fn problems_are_one_line() {
        for (problem, sentence) in [
            (Problem::Late, "http://127.0.0.1:8080/readyz?token=*** did not answer within 2s\n"),
            (
                Problem::Other("cannot be reached: connection refused".to_owned()),
                "http://127.0.0.1:8080/readyz?token=*** cannot be reached: connection refused\n",
            ),
        ] {
            let expected = Said { is_healthy: false, sentence: sentence.to_owned(), body: String::new() };
            assert_eq!(Said::problem(&target(), &problem, Duration::from_secs(2)), expected);
        }
    }

    #[test]
    fn all_that_is_printed_is_cut_at_a_character() {
        // 4,094 bytes and then four of one character: the body that came is longer than what is printed.
        let long = format!("{}🦀", "x".repeat(4094));
        assert_eq!(said(200, long.as_bytes()).body, "x".repeat(4094));
        assert_eq!(said(200, &[b'x'; 4096]).body, "x".repeat(4096));
        // The body itself was cut off in the middle of a character.
        let cut = &"ü".repeat(3000).into_bytes()[1..4101];
        let body = said(200, cut).body;
        assert_eq!(body, format!("\u{fffd}{}", "ü".repeat(2046)));
        let unhealthy = said(503, long.as_bytes());
        assert_eq!(unhealthy.sentence.len() + unhealthy.body.len(), 4096);
        let endless = Said::mistake("ü".repeat(10_000));
        assert_eq!(endless.sentence, format!("{}\n", "ü".repeat(2047)));
    }

    proptest::proptest! {
        #[test]
        fn it_is_never_more_than_docker_keeps(sentence in ".{0,5000}", body in proptest::collection::vec(0_u8.., 0..5000)) {
            let said = Said::new(false, sentence, &String::from_utf8_lossy(&body));
            proptest::prop_assert!(said.sentence.len() + said.body.len() <= 4096);
        }
    }
}
