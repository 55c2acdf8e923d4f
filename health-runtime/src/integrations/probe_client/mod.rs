//! A client for `HEALTHCHECK` in a container image without curl and without a shell: the program queries its own endpoint.

mod exchange;
mod output;
mod probe_url;
mod response;

use std::env;
use std::ffi::OsString;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use crate::core::model::policy::MAX_DURATION;
use output::ProbeOutput;
use probe_url::ProbeUrl;

/// The maximum number of printed bytes. Docker keeps no more of the output of a health check.
const MAX_OUTPUT_BYTES: usize = 4096;

const DEFAULT_LIMIT: Duration = Duration::from_secs(2);

const FLAG: &str = "--health-probe";

/// Queries an endpoint once, with a limit of 2 s; otherwise as [`probe_within`].
///
/// The limit is longer than the deadline of a response, 900 ms by default, and much shorter than the 30 s after which
/// Docker kills a health check.
pub fn probe(url: &str) -> ExitCode {
    probe_within(url, DEFAULT_LIMIT)
}

/// Queries an endpoint once and returns whether it is healthy as the exit code: 0 if a complete response with a status
/// code from 200 to 299 arrives within the limit, otherwise 1. A redirect exits with 1: its target was not probed.
///
/// `limit` covers everything from the lookup of the name to the last byte of the response; the maximum is 24 h.
///
/// Prints the body to the standard output and, if the endpoint is not healthy, one line of explanation to the standard
/// error. Together they are at most 4,096 bytes, cut between two characters. Docker keeps both.
///
/// The URL starts with `http://`, followed by a name, an IPv4 address or an IPv6 address in brackets, a port unless it is
/// 80, a path and a query: `http://[::1]:8080/readyz?verbose`. Prefer an address: the lookup of a name needs a file such
/// as `/etc/hosts`, which an empty image does not have. The request is an HTTP/1.1 `GET` with `Accept: application/json`.
/// It needs no other part of the program: it works in an empty folder, with an empty environment, and outside a runtime.
/// It blocks the calling thread.
pub fn probe_within(url: &str, limit: Duration) -> ExitCode {
    run_probe(url, limit).print()
}

/// Queries an endpoint as [`probe()`] does if the program was started as `app --health-probe URL` or
/// `app --health-probe=URL`. Returns `None` otherwise. Call it first in `main`.
///
/// The flag is recognized only as the first argument, so the value of another option cannot be mistaken for it. Without a
/// URL, or with further arguments, it prints the correct usage to the standard error and returns the exit code 1.
///
/// The [guide](crate::guide::containers) has an example of a `main` and of the `HEALTHCHECK` in its Dockerfile.
pub fn probe_from_args() -> Option<ExitCode> {
    let output = match url_from_args(env::args_os().skip(1))? {
        Ok(url) => run_probe(&url, DEFAULT_LIMIT),
        Err(problem) => ProbeOutput::unhealthy(problem),
    };
    Some(output.print())
}

/// Returns the URL of the arguments, or `None` if they do not start with the flag.
fn url_from_args(arguments: impl IntoIterator<Item = OsString>) -> Option<Result<String, String>> {
    let mut arguments = arguments.into_iter();
    let first = arguments.next()?.to_string_lossy().into_owned();
    let url = match first.strip_prefix(FLAG)? {
        "" => arguments.next().map(|url| url.to_string_lossy().into_owned()),
        rest => Some(rest.strip_prefix('=')?.to_owned()),
    };
    let url = url.filter(|url| !url.is_empty());
    let remedy = "write `--health-probe http://127.0.0.1:8080/readyz`";
    Some(match (url, arguments.next()) {
        (Some(url), None) => Ok(url),
        (None, _) => Err(format!("`{FLAG}` needs a URL; {remedy}")),
        (Some(_), Some(_)) => Err(format!("`{FLAG}` takes exactly one URL; {remedy}")),
    })
}

fn run_probe(url: &str, limit: Duration) -> ProbeOutput {
    let started_at = Instant::now();
    let deadline = started_at.checked_add(limit.min(MAX_DURATION)).unwrap_or(started_at);
    match ProbeUrl::parse(url) {
        Ok(url) => match exchange::exchange(&url, deadline) {
            Ok(response) => ProbeOutput::from_response(&url, response),
            Err(error) => ProbeOutput::from_error(&url, &error, limit),
        },
        Err(problem) => ProbeOutput::unhealthy(problem),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::net::TcpListener;

    use super::exchange::ProbeError;
    use super::response::HttpResponse;
    use super::*;

    fn parse(arguments: &[&str]) -> Option<Result<String, String>> {
        url_from_args(arguments.iter().map(OsString::from))
    }

    #[test]
    fn the_flag_is_recognized_only_as_the_first_argument() {
        let url = "http://127.0.0.1:8080/readyz";
        for arguments in [&["--health-probe", url][..], &["--health-probe=http://127.0.0.1:8080/readyz"]] {
            assert_eq!(parse(arguments), Some(Ok(url.to_owned())), "{arguments:?}");
        }
        for arguments in
            [&[][..], &[""], &["serve"], &["serve", "--health-probe", url], &["--health-probes", url], &["--health"], &[url]]
        {
            assert_eq!(parse(arguments), None, "{arguments:?}");
        }
    }

    #[test]
    fn invalid_arguments_print_the_correct_usage() {
        let none = "`--health-probe` needs a URL; write `--health-probe http://127.0.0.1:8080/readyz`";
        let more = "`--health-probe` takes exactly one URL; write `--health-probe http://127.0.0.1:8080/readyz`";
        for (arguments, problem) in [
            (&["--health-probe"][..], none),
            (&["--health-probe", ""], none),
            (&["--health-probe="], none),
            (&["--health-probe", "http://a", "http://b"], more),
            (&["--health-probe=http://a", "-v"], more),
        ] {
            assert_eq!(parse(arguments), Some(Err(problem.to_owned())), "{arguments:?}");
        }
    }

    /// Serves one request with `response`. Returns the port.
    fn serve(response: &'static [u8]) -> u16 {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        std::thread::spawn(move || listener.accept().unwrap().0.write_all(response));
        port
    }

    #[test]
    fn a_name_is_resolved_and_every_address_is_tried() {
        let port = serve(b"HTTP/1.1 204 No Content\r\n\r\n");
        let url = format!("http://localhost:{port}/");
        let expected =
            ProbeOutput::from_response(&ProbeUrl::parse(&url).unwrap(), HttpResponse { status: 204, body: Vec::new() });
        assert_eq!(run_probe(&url, Duration::from_secs(20)), expected);
        // A label of a name has at most 63 characters, so the resolver rejects this one without a query.
        let unresolvable = format!("http://{}/", "x".repeat(64));
        let output = format!("{:?}", run_probe(&unresolvable, Duration::from_secs(20)));
        assert!(output.contains(&format!("{unresolvable} cannot be reached: failed to lookup address")), "{output}");
    }

    #[test]
    fn limits_from_zero_to_the_maximum_are_accepted() {
        let url = ProbeUrl::parse("http://127.0.0.1:1/").unwrap();
        for (limit, error) in [
            (Duration::ZERO, ProbeError::Timeout),
            (Duration::MAX, ProbeError::Other("cannot be reached: connection refused".to_owned())),
        ] {
            assert_eq!(run_probe("http://127.0.0.1:1/", limit), ProbeOutput::from_error(&url, &error, limit));
        }
    }
}
