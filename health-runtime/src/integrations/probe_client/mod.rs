//! A client for `HEALTHCHECK` in a container image that has no curl and no shell: the program asks itself.
//!
//! - here: the three ways to call it.
//! - `target`: a URL → where to connect and what to send.
//! - `exchange`: connects, asks and reads, under one limit.
//! - `answer`: bytes → status and body.
//! - `said`: what is printed of it, and the exit code.

mod exchange;
mod output;
mod response;
mod target;

use std::env;
use std::ffi::OsString;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use output::Said;
use target::Target;

/// The most that is printed, in bytes. Docker keeps no more of a health check.
const MOST_PRINTED: usize = 4096;

const DEFAULT_LIMIT: Duration = Duration::from_secs(2);
/// So that the end of the wait can always be told as a moment.
const LONGEST_LIMIT: Duration = Duration::from_secs(24 * 60 * 60);

const FLAG: &str = "--health-probe";

/// Asks an endpoint once, as [`probe_within`] does within 2 s.
///
/// That is above the deadline of an answer, 900 ms by default, and far below the 30 s after which Docker kills a health
/// check.
pub fn probe(url: &str) -> ExitCode {
    probe_within(url, DEFAULT_LIMIT)
}

/// Asks an endpoint once and says by the exit code whether it is healthy: 0 where a whole answer of 200 to 299 came
/// within the limit, else 1. A redirect is 1 as well, because nobody has looked at any health.
///
/// `limit` is for everything together, from the look-up of the name to the last byte that is printed; at most 24 h.
///
/// The body goes to the standard output as it is, and one sentence to the standard error where it is not healthy; both
/// together are at most 4,096 bytes, cut between two characters. Docker keeps both.
///
/// The URL begins with `http://`; then come a name, an IPv4 address or an IPv6 address in brackets, a port unless it is
/// 80, a path and a query: `http://[::1]:8080/readyz?verbose`. An address is best: to look a name up takes a file such as
/// `/etc/hosts`, which an empty image has only where somebody puts it there. The request is a `GET` of HTTP/1.1 with
/// `Accept: application/json`. Nothing of the program needs to be started: it works in an empty folder, with an empty
/// environment, and outside a runtime. It blocks the thread that calls it.
///
/// ```no_run
/// use std::process::ExitCode;
/// use std::time::Duration;
///
/// fn main() -> ExitCode {
///     health_runtime::probe_within("http://127.0.0.1:8080/readyz", Duration::from_millis(500))
/// }
/// ```
pub fn probe_within(url: &str, limit: Duration) -> ExitCode {
    ask(url, limit).print()
}

/// Asks an endpoint, as [`probe()`] does, where the program was started as `app --health-probe URL` or
/// `app --health-probe=URL`; else `None`, and the program goes on. Call it first of all in `main`.
///
/// The flag counts only as the first argument, so it cannot be taken for the value of another one. With no URL, or with
/// more than one, it says on the standard error what to write, and the exit code is 1.
///
#[cfg_attr(feature = "actix", doc = "```no_run")]
#[cfg_attr(not(feature = "actix"), doc = "```ignore")]
/// use std::error::Error;
/// use std::process::ExitCode;
///
/// use health_runtime::Health;
///
/// #[actix_web::main]
/// async fn main() -> Result<ExitCode, Box<dyn Error>> {
///     if let Some(code) = health_runtime::probe_from_args() {
///         return Ok(code);
///     }
///     let health = Health::builder().start()?;
///     actix_web::HttpServer::new(move || actix_web::App::new().service(health.service()))
///         .bind("0.0.0.0:8080")?
///         .run()
///         .await?;
///     Ok(ExitCode::SUCCESS)
/// }
/// ```
///
/// In a Dockerfile, where `/app` is the program:
///
/// ```text
/// HEALTHCHECK --interval=10s --timeout=3s CMD ["/app", "--health-probe", "http://127.0.0.1:8080/readyz"]
/// ```
pub fn probe_from_args() -> Option<ExitCode> {
    let said = match asked(env::args_os().skip(1))? {
        Ok(url) => ask(&url, DEFAULT_LIMIT),
        Err(mistake) => Said::mistake(mistake),
    };
    Some(said.print())
}

/// The URL that the arguments ask for; `None` where they ask for something else.
fn asked(arguments: impl IntoIterator<Item = OsString>) -> Option<Result<String, String>> {
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
        (None, _) => Err(format!("`{FLAG}` is given no URL; {remedy}")),
        (Some(_), Some(_)) => Err(format!("`{FLAG}` takes one URL and nothing behind it; {remedy}")),
    })
}

fn ask(url: &str, limit: Duration) -> Said {
    let began = Instant::now();
    let until = began.checked_add(limit.min(LONGEST_LIMIT)).unwrap_or(began);
    match Target::parse(url) {
        Ok(target) => match exchange::exchange(&target, until) {
            Ok(answer) => Said::answer(&target, answer),
            Err(problem) => Said::problem(&target, &problem, limit),
        },
        Err(mistake) => Said::mistake(mistake),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::net::TcpListener;

    use super::exchange::Problem;
    use super::response::Answer;
    use super::*;

    fn asked_by(arguments: &[&str]) -> Option<Result<String, String>> {
        asked(arguments.iter().map(OsString::from))
    }

    #[test]
    fn the_flag_is_heard_as_the_first_argument_alone() {
        let url = "http://127.0.0.1:8080/readyz";
        for arguments in [&["--health-probe", url][..], &["--health-probe=http://127.0.0.1:8080/readyz"]] {
            assert_eq!(asked_by(arguments), Some(Ok(url.to_owned())), "{arguments:?}");
        }
        for arguments in
            [&[][..], &[""], &["serve"], &["serve", "--health-probe", url], &["--health-probes", url], &["--health"], &[url]]
        {
            assert_eq!(asked_by(arguments), None, "{arguments:?}");
        }
    }

    #[test]
    fn a_mistake_says_what_to_write() {
        let none = "`--health-probe` is given no URL; write `--health-probe http://127.0.0.1:8080/readyz`";
        let more = "`--health-probe` takes one URL and nothing behind it; write `--health-probe http://127.0.0.1:8080/readyz`";
        for (arguments, mistake) in [
            (&["--health-probe"][..], none),
            (&["--health-probe", ""], none),
            (&["--health-probe="], none),
            (&["--health-probe", "http://a", "http://b"], more),
            (&["--health-probe=http://a", "-v"], more),
        ] {
            assert_eq!(asked_by(arguments), Some(Err(mistake.to_owned())), "{arguments:?}");
        }
    }

    /// A server for one request. Returns the port.
    fn serve(answer: &'static [u8]) -> u16 {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        std::thread::spawn(move || listener.accept().unwrap().0.write_all(answer));
        port
    }

    #[test]
    fn a_name_is_looked_up_and_any_of_its_addresses_will_do() {
        let port = serve(b"HTTP/1.1 204 No Content\r\n\r\n");
        let url = format!("http://localhost:{port}/");
        let expected = Said::answer(&Target::parse(&url).unwrap(), Answer { code: 204, body: Vec::new() });
        assert_eq!(ask(&url, Duration::from_secs(20)), expected);
        // No part of a name is that long, which the resolver knows without asking anybody.
        let nowhere = format!("http://{}/", "x".repeat(64));
        let said = format!("{:?}", ask(&nowhere, Duration::from_secs(20)));
        assert!(said.contains(&format!("{nowhere} cannot be reached: failed to lookup address")), "{said}");
    }

    #[test]
    fn any_limit_is_a_limit() {
        let target = Target::parse("http://127.0.0.1:1/").unwrap();
        for (limit, problem) in
            [(Duration::ZERO, Problem::Late), (Duration::MAX, Problem::Other("cannot be reached: connection refused".to_owned()))]
        {
            assert_eq!(ask("http://127.0.0.1:1/", limit), Said::problem(&target, &problem, limit));
        }
    }
}
