//! The probe client for `HEALTHCHECK`, as the image of `examples/container` runs it: the built example as a process in an
//! empty folder, with an empty PATH as its only variable.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::Command;
use std::sync::LazyLock;
use std::thread;
use std::time::{Duration, Instant};

use health_tests::folder::Folder;
use health_tests::program::{self, Program};
use health_tests::servers::free_port;
use health_tests::until;

const LIMIT: Duration = Duration::from_mins(2);
/// The timeout of the client.
const PATIENCE: Duration = Duration::from_secs(2);
const DOCKERFILE: &str = include_str!("../../examples/container/Dockerfile");

static PROGRAM: LazyLock<PathBuf> = LazyLock::new(|| program::build("health-examples", "container"));

/// How the client ended.
#[derive(Debug, PartialEq, Eq)]
struct Ended {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Ended {
    /// Ends the body with a line break, unless it is empty.
    fn healthy(body: &str) -> Self {
        let out = if body.is_empty() { String::new() } else { format!("{body}\n") };
        Self { code: Some(0), out, err: String::new() }
    }

    fn unhealthy(body: &str, err: &str) -> Self {
        Self { code: Some(1), err: format!("{err}\n"), ..Self::healthy(body) }
    }
}

fn run(arguments: &[&str]) -> Ended {
    let folder = Folder::new();
    let output = Command::new(&*PROGRAM).args(arguments).current_dir(folder.path()).env_clear().env("PATH", "").output().unwrap();
    assert_eq!(folder.path().read_dir().unwrap().count(), 0, "it leaves nothing behind");
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ended { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
}

fn probe(url: &str) -> Ended {
    run(&["--health-probe", url])
}

/// Reads one request and answers it. Returns the URL, and a thread that returns the request.
fn serve(response: impl FnOnce(&mut TcpStream) + Send + 'static) -> (String, thread::JoinHandle<String>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let url = format!("http://{}/readyz?verbose", listener.local_addr().unwrap());
    let served = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = Vec::new();
        let mut byte = [0];
        while !request.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap() > 0 {
            request.extend(byte);
        }
        response(&mut stream);
        String::from_utf8(request).unwrap()
    });
    (url, served)
}

/// Returns the URL and the result of a probe that receives these bytes.
fn probe_answered(response: impl Into<Vec<u8>>) -> (String, Ended) {
    let response = response.into();
    // The client may disconnect before it has read everything.
    let (url, served) = serve(move |stream| drop(stream.write_all(&response)));
    let ended = probe(&url);
    let authority = url.trim_start_matches("http://").split('/').next().unwrap();
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(
        served.join().unwrap(),
        format!(
            "GET /readyz?verbose HTTP/1.1\r\nHost: {authority}\r\nUser-Agent: health-runtime/{version}\r\nAccept: application/json\r\nConnection: close\r\n\r\n"
        )
    );
    (url, ended)
}

#[test]
fn the_body_is_printed_and_the_status_code_decides() {
    let body = r#"{"status":"healthy"}"#;
    let (_, ended) = probe_answered(format!("HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{body}"));
    assert_eq!(ended, Ended::healthy(body));
    let (_, ended) = probe_answered(format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n14\r\n{body}\r\n0\r\n\r\n"));
    assert_eq!(ended, Ended::healthy(body));
    let (_, ended) = probe_answered(format!("HTTP/1.0 200 OK\r\n\r\n{body}"));
    assert_eq!(ended, Ended::healthy(body));
    let hints = "HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n";
    let (_, ended) = probe_answered(format!("{hints}HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{body}"));
    assert_eq!(ended, Ended::healthy(body));
    let (_, ended) = probe_answered("HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nhealthy\n");
    assert_eq!(ended, Ended::healthy("healthy"));

    let (url, ended) = probe_answered(format!("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 20\r\n\r\n{body}"));
    assert_eq!(ended, Ended::unhealthy(body, &format!("{url} returned status 503")));
    let (url, ended) = probe_answered("HTTP/1.1 302 Found\r\nLocation: /login\r\nContent-Length: 0\r\n\r\n");
    assert_eq!(ended, Ended::unhealthy("", &format!("{url} returned status 302")));
}

#[test]
fn a_long_body_is_cut_to_what_docker_keeps() {
    let body = "ü".repeat(5 * 1024);
    let (_, ended) = probe_answered(format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len()));
    assert_eq!(ended, Ended::healthy(&"ü".repeat(2047)));

    let (url, ended) = probe_answered(format!("HTTP/1.1 503 No\r\nContent-Length: {}\r\n\r\n{body}", body.len()));
    let sentence = format!("{url} returned status 503");
    assert_eq!(ended, Ended::unhealthy(&"ü".repeat((4096 - sentence.len() - 2) / 2), &sentence));
}

#[test]
fn an_invalid_response_is_unhealthy() {
    let (url, ended) = probe_answered("220 mail.example ESMTP\r\n");
    let mistake = r#"sent an invalid HTTP/1.1 response (invalid HTTP version): "220 mail.example ESMTP\r\n"; use the port of an HTTP server"#;
    assert_eq!(ended, Ended::unhealthy("", &format!("{url} {mistake}")));
    let long = format!("HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n{}", "x".repeat(4100));
    let chunk = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n";
    for start in ["", "HTTP/1.1 200 OK\r\nContent-Le", "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{", chunk, &long] {
        let (url, ended) = probe_answered(start);
        assert_eq!(ended, Ended::unhealthy("", &format!("{url} closed the connection before the response was complete")));
    }
}

#[test]
fn a_closed_port_is_unhealthy() {
    // No machine has a service on port 1. A free port could be taken by another test in the meantime.
    let url = "http://127.0.0.1:1/";
    assert_eq!(probe(url), Ended::unhealthy("", &format!("{url} cannot be reached: connection refused")));
}

/// Asserts that the client times out at its timeout, not before.
fn assert_gives_up(url: &str) {
    // The build is not part of the measured time.
    LazyLock::force(&PROGRAM);
    let began = Instant::now();
    assert_eq!(probe(url), Ended::unhealthy("", &format!("{url} did not respond within 2s")));
    let took = began.elapsed();
    assert!(took >= PATIENCE, "{took:?}");
}

#[test]
fn a_server_that_sends_nothing_times_out() {
    let (url, served) = serve(|stream| {
        // This blocks until the client disconnects.
        let _ = stream.read(&mut [0]);
    });
    assert_gives_up(&url);
    served.join().unwrap();
}

#[test]
fn a_server_that_accepts_no_connection_times_out() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    assert_gives_up(&format!("http://{}/", listener.local_addr().unwrap()));
}

#[test]
fn a_slow_response_does_not_extend_the_timeout() {
    let (url, served) = serve(|stream| {
        let head = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n";
        for byte in head.bytes().chain(std::iter::repeat_n(b'x', 1000)) {
            if stream.write_all(&[byte]).is_err() {
                break;
            }
            thread::sleep(Duration::from_millis(50));
        }
    });
    assert_gives_up(&url);
    served.join().unwrap();
}

#[test]
fn argument_mistakes_name_the_remedy() {
    for (arguments, mistake) in [
        (&["--health-probe"][..], "`--health-probe` needs a URL; write `--health-probe http://127.0.0.1:8080/readyz`"),
        (
            &["--health-probe=https://127.0.0.1/readyz"],
            "invalid URL \"https://127.0.0.1/readyz\": TLS is not supported; use the `http://` address of a port without TLS",
        ),
    ] {
        assert_eq!(run(arguments), Ended::unhealthy("", mistake));
    }
}

#[test]
fn b8_every_check_runs_once_without_a_server() {
    // The catalogue is loaded by the service, which does not start.
    let expected = "[-]catalogue failed: not loaded yet\nhealthz check failed\n";
    let ended = run(&["--health-check"]);
    assert_eq!(ended, Ended { code: Some(1), out: expected.to_owned(), err: String::new() });
}

#[test]
fn b8_a_wait_ends_as_soon_as_the_service_is_healthy() {
    let address = SocketAddr::from(([127, 0, 0, 1], free_port()));
    let url = format!("http://{address}/readyz");
    let refused = run(&["--health-wait", "300ms", &url]);
    assert_eq!(refused, Ended::unhealthy("", &format!("{url} cannot be reached: connection refused")));
    let folder = Folder::new();
    let mut command = Command::new(&*PROGRAM);
    let _program = Program::start(command.current_dir(folder.path()).env_clear().env("ADDR", address.to_string()));
    let ended = run(&["--health-wait=2m", &url]);
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""));
    assert!(ended.out.starts_with(r#"{"status":"healthy","#), "{}", ended.out);
}

/// Returns the command of the image, with this address.
fn healthcheck(address: SocketAddr) -> Vec<String> {
    let (_, command) = DOCKERFILE.split_once("\nHEALTHCHECK ").unwrap();
    let command = command.split_once(" CMD ").unwrap().1.lines().next().unwrap();
    let command: Vec<String> = serde_json::from_str(command).unwrap();
    command.into_iter().map(|argument| argument.replace("127.0.0.1:8080", &address.to_string())).collect()
}

#[test]
fn the_dockerfile_probes_its_program() {
    let address = SocketAddr::from(([127, 0, 0, 1], free_port()));
    let healthcheck = healthcheck(address);
    assert_eq!(healthcheck, ["/app", "--health-probe", &format!("http://{address}/readyz")]);
    assert!(DOCKERFILE.contains("\nENTRYPOINT [\"/app\"]\n") && DOCKERFILE.contains("--bin container "));
    let arguments: Vec<&str> = healthcheck.iter().skip(1).map(String::as_str).collect();

    // As in the image, with no other variables.
    let folder = Folder::new();
    let mut command = Command::new(&*PROGRAM);
    let program = Program::start(command.current_dir(folder.path()).env_clear().env("ADDR", address.to_string()));
    let ended = until(LIMIT, "it is ready", || Some(run(&arguments)).filter(|ended| ended.code == Some(0)));
    assert_eq!(ended.err, "");
    assert!(ended.out.starts_with(r#"{"status":"healthy","checks":{},"version":"#), "{}", ended.out);

    program.terminate();
    let draining = until(LIMIT, "it drains", || Some(run(&arguments)).filter(|ended| ended.code == Some(1)));
    assert!(draining.out.starts_with(r#"{"status":"unhealthy","reason":"draining","checks":{"#), "{}", draining.out);
    assert_eq!(draining.err, format!("http://{address}/readyz returned status 503\n"));
}
