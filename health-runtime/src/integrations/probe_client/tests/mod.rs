//! Arguments, addresses and limits of the client.

mod response;

use std::ffi::OsString;
use std::io::Write;
use std::net::TcpListener;

use super::exchange::ProbeError;
use super::response::HttpResponse;
use super::*;

fn parse(arguments: &[&str]) -> Option<Result<ProbeCommand, String>> {
    ProbeCommand::from_args(arguments.iter().map(OsString::from))
}

#[test]
fn the_flag_is_recognized_only_as_the_first_argument() {
    let url = "http://127.0.0.1:8080/readyz";
    for arguments in [&["--health-probe", url][..], &["--health-probe=http://127.0.0.1:8080/readyz"]] {
        assert_eq!(parse(arguments), Some(Ok(ProbeCommand::Once(url.to_owned()))), "{arguments:?}");
    }
    for arguments in [&["--health-wait", "1m30s", url][..], &["--health-wait=1m30s", url]] {
        assert_eq!(parse(arguments), Some(Ok(ProbeCommand::Wait(Duration::from_secs(90), url.to_owned()))), "{arguments:?}");
    }
    assert_eq!(parse(&["serve", "--health-wait", "1m30s", url]), None);
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
    let remedy = "write `--health-wait 30s http://127.0.0.1:8080/readyz`";
    for (arguments, problem) in [
        (&["--health-wait"][..], format!("`--health-wait` needs a duration and a URL; {remedy}")),
        (&["--health-wait", "30s"], format!("`--health-wait` needs a duration and a URL; {remedy}")),
        (&["--health-wait=http://a"], format!("`--health-wait` needs a duration and a URL; {remedy}")),
        (&["--health-wait", "30s", "http://a", "-v"], format!("`--health-wait` takes exactly one URL; {remedy}")),
        (&["--health-wait", "25h", "http://a"], "`--health-wait` has a duration of 90000s; give at most 24h".to_owned()),
    ] {
        assert_eq!(parse(arguments), Some(Err(problem)), "{arguments:?}");
    }
    let Some(Err(problem)) = parse(&["--health-wait", "soon", "http://a"]) else { panic!("no duration") };
    assert!(problem.starts_with("`--health-wait` has the duration \"soon\": ") && problem.ends_with(remedy), "{problem}");
}

/// Serves one request with each response. Returns the port.
fn serve<const N: usize>(responses: [&'static [u8]; N]) -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || responses.map(|response| listener.accept().unwrap().0.write_all(response).unwrap()));
    port
}

#[test]
fn a_name_is_resolved_and_every_address_is_tried() {
    let port = serve([b"HTTP/1.1 204 No Content\r\n\r\n"]);
    let url = format!("http://localhost:{port}/");
    let response = HttpResponse { status: 204, body: Vec::new() };
    let expected = ProbeOutput::from_response(&ProbeUrl::parse(&url).unwrap(), response);
    assert_eq!(run_probe(&url, Duration::from_secs(20)), expected);
    // A label of a name has at most 63 characters, so the resolver rejects this one without a query.
    let unresolvable = format!("http://{}/", "x".repeat(64));
    let output = format!("{:?}", run_probe(&unresolvable, Duration::from_secs(20)));
    assert!(output.contains(&format!("{unresolvable} cannot be reached: failed to lookup address")), "{output}");
}

#[test]
fn b8_a_wait_ends_with_the_first_healthy_response() {
    let (starting, healthy) = (b"HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n", b"HTTP/1.1 204 No Content\r\n\r\n");
    let url = format!("http://127.0.0.1:{}/readyz", serve([starting, starting, healthy]));
    let response = HttpResponse { status: 204, body: Vec::new() };
    let expected = ProbeOutput::from_response(&ProbeUrl::parse(&url).unwrap(), response);
    assert_eq!(wait_until_healthy(&url, MAX_DURATION), expected);
}

#[test]
fn b8_a_wait_ends_with_its_duration_and_prints_the_last_result() {
    let (url, limit) = ("http://127.0.0.1:1/", Duration::from_millis(600));
    let parsed = ProbeUrl::parse(url).unwrap();
    let refused = ProbeError::Other("cannot be reached: connection refused".to_owned());
    let began = Instant::now();
    assert_eq!(wait_until_healthy(url, limit), ProbeOutput::from_error(&parsed, &refused, limit));
    assert!(began.elapsed() >= limit, "{:?}", began.elapsed());
    let invalid = wait_until_healthy("https://127.0.0.1/", MAX_DURATION);
    assert_eq!(invalid, run_probe("https://127.0.0.1/", DEFAULT_LIMIT), "a mistake is not repeated");
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
