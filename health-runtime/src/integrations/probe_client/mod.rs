//! A client for `HEALTHCHECK` in a container image without curl and without a shell: the program queries its own endpoint.

mod command;
mod exchange;
mod output;
mod probe_url;
mod response;

#[cfg(test)]
mod tests;

use std::env;
use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant};

use crate::core::model::policy::MAX_DURATION;
use command::ProbeCommand;
pub(super) use exchange::exchange;
use output::ProbeOutput;
pub(super) use probe_url::ProbeUrl;

/// The maximum number of printed bytes. Docker keeps no more of the output of a health check.
const MAX_OUTPUT_BYTES: usize = 4096;

const DEFAULT_LIMIT: Duration = Duration::from_secs(2);

/// The time between two queries of a wait.
const WAIT_INTERVAL: Duration = Duration::from_millis(250);

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
/// `limit` covers everything from the lookup of the name to the last byte of the response; the maximum is 24 h. The body is
/// read to its end, whatever its length: a response that breaks off is unhealthy, and one that does not end reaches the
/// limit. Without a `Content-Length` and without chunks the body ends when the server closes the connection. Interim
/// responses, such as `103 Early Hints`, are skipped. Bytes after the end of the response are ignored.
///
/// Prints the body to the standard output and, if the endpoint is not healthy, one line of explanation to the standard
/// error. Each ends with a line break, because Podman keeps only lines that end. Together they are at most 4,096
/// bytes, cut between two characters. Docker keeps both.
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
/// `app --health-probe=URL`. If it was started as `app --health-wait 30s URL` or `app --health-wait=30s URL`, repeats that four
/// times a second until the endpoint is healthy, at most for the duration: for a script or an init container that waits for a
/// service. Prints the last result. Returns `None` otherwise. Call it first in `main`.
///
/// A duration is one or more numbers with the units `ns us µs ms s m h`, such as `1m30s`; at most 24 h. A flag is recognized only as
/// the first argument, so the value of another option cannot be mistaken for it. Without a URL or a duration, or with further
/// arguments, it prints the correct usage to the standard error and returns the exit code 1.
///
/// The [guide](crate::guide::containers) has an example of a `main` and of the `HEALTHCHECK` in its Dockerfile.
pub fn probe_from_args() -> Option<ExitCode> {
    let output = match ProbeCommand::from_args(env::args_os().skip(1))? {
        Ok(ProbeCommand::Once(url)) => run_probe(&url, DEFAULT_LIMIT),
        Ok(ProbeCommand::Wait(limit, url)) => wait_until_healthy(&url, limit),
        Err(problem) => ProbeOutput::unhealthy(problem),
    };
    Some(output.print())
}

/// Queries an endpoint until it is healthy or the limit has passed. Returns the last result.
fn wait_until_healthy(url: &str, limit: Duration) -> ProbeOutput {
    if let Err(problem) = ProbeUrl::parse(url) {
        return ProbeOutput::unhealthy(problem);
    }
    let started_at = Instant::now();
    loop {
        let output = run_probe(url, DEFAULT_LIMIT.min(limit.saturating_sub(started_at.elapsed())));
        let remaining = limit.saturating_sub(started_at.elapsed());
        if output.is_healthy() || remaining.is_zero() {
            return output;
        }
        thread::sleep(WAIT_INTERVAL.min(remaining));
        if started_at.elapsed() >= limit {
            return output;
        }
    }
}

fn run_probe(url: &str, limit: Duration) -> ProbeOutput {
    let started_at = Instant::now();
    let deadline = started_at.checked_add(limit.min(MAX_DURATION)).unwrap_or(started_at);
    match ProbeUrl::parse(url) {
        Ok(url) => match exchange(&url, deadline) {
            Ok(response) => ProbeOutput::from_response(&url, response),
            Err(error) => ProbeOutput::from_error(&url, &error, limit),
        },
        Err(problem) => ProbeOutput::unhealthy(problem),
    }
}
