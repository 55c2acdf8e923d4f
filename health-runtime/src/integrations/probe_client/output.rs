//! The printed text of a probe, and its exit code.

use std::io::{self, Write};
use std::process::ExitCode;
use std::time::Duration;

use super::MAX_OUTPUT_BYTES;
use super::exchange::ProbeError;
use super::probe_url::ProbeUrl;
use super::response::HttpResponse;
use crate::text::truncate::floor_char_boundary;

/// The text to print. Both parts together have at most [`MAX_OUTPUT_BYTES`] bytes, and each ends with a line break: Podman keeps
/// only the lines of a health check that end.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ProbeOutput {
    is_healthy: bool,
    /// One line with its line break; empty if the endpoint is healthy.
    stderr_line: String,
    /// The body with its line break; empty if the response has none.
    body: String,
}

impl ProbeOutput {
    pub(super) fn from_response(url: &ProbeUrl, response: HttpResponse) -> Self {
        let HttpResponse { status, body } = response;
        let is_healthy = (200..300).contains(&status);
        let stderr_line = if is_healthy { String::new() } else { format!("{} returned status {status}", url.masked()) };
        Self::new(is_healthy, stderr_line, &String::from_utf8_lossy(&body))
    }

    pub(super) fn from_error(url: &ProbeUrl, error: &ProbeError, limit: Duration) -> Self {
        let url = url.masked();
        Self::unhealthy(match error {
            ProbeError::Timeout => format!("{url} did not respond within {limit:?}"),
            ProbeError::Other(problem) => format!("{url} {problem}"),
        })
    }

    /// Creates the output without a body.
    pub(super) fn unhealthy(stderr_line: String) -> Self {
        Self::new(false, stderr_line, "")
    }

    pub(super) fn is_healthy(&self) -> bool {
        self.is_healthy
    }

    fn new(is_healthy: bool, mut stderr_line: String, body: &str) -> Self {
        end_line(&mut stderr_line, MAX_OUTPUT_BYTES);
        let mut body = body.to_owned();
        end_line(&mut body, MAX_OUTPUT_BYTES - stderr_line.len());
        Self { is_healthy, stderr_line, body }
    }

    pub(super) fn print(&self) -> ExitCode {
        // The reader may have closed the pipe. Only the exit code matters then.
        let _ = io::stderr().write_all(self.stderr_line.as_bytes());
        let mut out = io::stdout().lock();
        let _ = out.write_all(self.body.as_bytes()).and_then(|()| out.flush());
        if self.is_healthy { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

/// Cuts a text to at most `max` bytes. A text that is not empty ends with a line break.
fn end_line(text: &mut String, max: usize) {
    if text.is_empty() || (text.len() <= max && text.ends_with('\n')) {
        return;
    }
    text.truncate(floor_char_boundary(text, max.saturating_sub(1)));
    if max > 0 && !text.ends_with('\n') {
        text.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url() -> ProbeUrl {
        ProbeUrl::parse("http://127.0.0.1:8080/readyz?token=hunter2").unwrap()
    }

    fn output(status: u16, body: &[u8]) -> ProbeOutput {
        ProbeOutput::from_response(&url(), HttpResponse { status, body: body.to_vec() })
    }

    #[test]
    fn status_codes_200_to_299_are_healthy_and_print_only_the_body() {
        for (status, is_healthy) in
            [(100, false), (199, false), (200, true), (204, true), (299, true), (302, false), (404, false), (503, false)]
        {
            let url = "http://127.0.0.1:8080/readyz?token=***";
            let stderr_line = if is_healthy { String::new() } else { format!("{url} returned status {status}\n") };
            assert_eq!(output(status, b"{}"), ProbeOutput { is_healthy, stderr_line, body: "{}\n".to_owned() });
        }
    }

    #[test]
    fn errors_print_one_line() {
        for (error, stderr_line) in [
            (ProbeError::Timeout, "http://127.0.0.1:8080/readyz?token=*** did not respond within 2s\n"),
            (
                ProbeError::Other("cannot be reached: connection refused".to_owned()),
                "http://127.0.0.1:8080/readyz?token=*** cannot be reached: connection refused\n",
            ),
        ] {
            let expected = ProbeOutput { is_healthy: false, stderr_line: stderr_line.to_owned(), body: String::new() };
            assert_eq!(ProbeOutput::from_error(&url(), &error, Duration::from_secs(2)), expected);
        }
    }

    #[test]
    fn output_is_cut_at_a_character() {
        // 4,094 bytes and then one character of four: the received body is longer than the output.
        let long = format!("{}🦀", "x".repeat(4094));
        assert_eq!(output(200, long.as_bytes()).body, format!("{}\n", "x".repeat(4094)));
        assert_eq!(output(200, &[b'x'; 4096]).body, format!("{}\n", "x".repeat(4095)));
        // The received body starts and ends inside a character.
        let cut = &"ü".repeat(3000).into_bytes()[1..4101];
        let body = output(200, cut).body;
        assert_eq!(body, format!("\u{fffd}{}\n", "ü".repeat(2046)));
        let output = output(503, long.as_bytes());
        assert_eq!(output.stderr_line.len() + output.body.len(), 4096);
        let too_long = ProbeOutput::unhealthy("ü".repeat(10_000));
        assert_eq!(too_long.stderr_line, format!("{}\n", "ü".repeat(2047)));
    }

    #[test]
    fn every_output_ends_with_exactly_one_added_line_break() {
        let full = format!("{}\n", "x".repeat(4095));
        for (body, printed) in [
            ("", ""),
            ("{}", "{}\n"),
            ("healthy\n", "healthy\n"),
            ("[+]a ok\n[-]b failed", "[+]a ok\n[-]b failed\n"),
            ("a\r\n", "a\r\n"),
            ("\n", "\n"),
            ("a\n\n", "a\n\n"),
            (&full, &full),
            (&format!("{}\nb", "x".repeat(4094)), &format!("{}\n", "x".repeat(4094))),
        ] {
            assert_eq!(output(200, body.as_bytes()).body, printed, "{body:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn output_never_exceeds_the_limit(stderr_line in ".{0,5000}", body in proptest::collection::vec(0_u8.., 0..5000)) {
            let output = ProbeOutput::new(false, stderr_line, &String::from_utf8_lossy(&body));
            proptest::prop_assert!(output.stderr_line.len() + output.body.len() <= 4096);
            for text in [output.stderr_line, output.body] {
                proptest::prop_assert!(text.is_empty() || text.ends_with('\n'), "{text:?}");
            }
        }
    }
}
