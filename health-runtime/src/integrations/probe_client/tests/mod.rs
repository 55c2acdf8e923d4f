//! Arguments, addresses and limits of the client.

mod response;

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
    let response = HttpResponse { status: 204, body: Vec::new() };
    let expected = ProbeOutput::from_response(&ProbeUrl::parse(&url).unwrap(), response);
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
