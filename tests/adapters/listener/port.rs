//! The responses on the port, and the errors of opening it.

use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use health_runtime::{Check, Expose, Format, Health, HealthService, Kind, Outcome};
use health_tests::http::{self, Response};
use health_tests::panics;

use super::{Service, get};

fn configure(service: HealthService) -> HealthService {
    let service = service.prefix("/internal").path(Kind::Liveness, "/health/live").allow_exclude(false).format(Format::Text);
    service.expose(Expose::Status).expose_when(|request| request.header("x-operator") == Some("yes"), Expose::Errors)
}

/// Returns the parts of a response that are equal in every response.
fn stable(mut response: Response) -> (String, Vec<(String, String)>, String) {
    let body = response.without_figures();
    response.headers.retain(|(name, _)| name != "date" && name != "content-length");
    response.headers.sort();
    (response.line, response.headers, body)
}

const HOUR: Duration = Duration::from_hours(1);

const OPERATOR: &[(&str, &str)] = &[("x-operator", "yes")];

/// A method, a path, headers, and the expected status code.
type Ask = (&'static str, &'static str, &'static [(&'static str, &'static str)], u16);

#[test]
fn the_listener_and_the_service_return_the_same_responses() {
    let build = |builder: health_runtime::HealthBuilder| {
        // `health+json` shows the time of the run, so both responses have to come from one run.
        let broken = Check::readiness("broken", || async { Err::<(), _>("the disk is on fire") }).cache(HOUR);
        builder.version("1.4.2").check(broken).check(Check::liveness("alive", || async { Outcome::up() }).cache(HOUR))
    };
    let service = Service::start(build, configure, |_| {});
    let asks: [Ask; 12] = [
        ("GET", "/internal/readyz", &[], 503),
        ("GET", "/internal/readyz", OPERATOR, 503),
        ("GET", "/internal/readyz/?format=json", OPERATOR, 503),
        ("GET", "/internal/readyz", &[("accept", "application/health+json"), ("x-operator", "yes")], 503),
        ("GET", "/internal/readyz?exclude=broken&format=json", OPERATOR, 503),
        ("HEAD", "/internal/readyz", OPERATOR, 503),
        ("OPTIONS", "/internal/readyz", OPERATOR, 503),
        ("POST", "/internal/readyz", OPERATOR, 405),
        ("GET", "/internal/readyz/broken", &[], 404),
        ("GET", "/internal/health/live", OPERATOR, 200),
        ("GET", "/internal/livez", OPERATOR, 404),
        ("GET", "/internal/health/broken?format=spring", OPERATOR, 503),
    ];
    for (method, path, headers, code) in asks {
        let [app, own] = service.addresses().map(|address| http::request(address, method, path, headers).unwrap());
        assert_eq!(own.status, code, "{method} {path}: {own:?}");
        // The application serves other paths; the listener returns 404 for them.
        if path != "/internal/livez" {
            assert_eq!(stable(own), stable(app), "{method} {path}");
        }
    }
    let shown = http::request(service.listener.local_addr(), "GET", "/internal/readyz?format=json", OPERATOR).unwrap();
    assert!(shown.text().contains("the disk is on fire"), "{shown:?}");
}

#[test]
fn unknown_paths_are_not_found_with_the_same_headers() {
    let service = Service::start(|builder| builder, |service| service, |_| {});
    for path in ["/", "/READYZ", "/metrics", "/orders?x=1"] {
        let response = get(service.listener.local_addr(), path);
        assert_eq!((response.status, response.text()), (404, r#"{"error":"not found"}"#), "{path}");
        assert_eq!(response.header("cache-control"), Some("no-store"), "{path}");
    }
}

/// Requires a type that an application can keep in its shared state.
fn shared<T: Send + Sync>(value: T) -> T {
    value
}

#[tokio::test]
async fn a_port_in_use_is_an_error_at_once() {
    let health = Health::builder().linked_checks(false).start().unwrap();
    let foreign = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = |address: SocketAddr| health.listen(address, |service| service).err().map(|error| error.kind());
    assert_eq!(taken(foreign.local_addr().unwrap()), Some(ErrorKind::AddrInUse));
    let everywhere = SocketAddr::from(([0, 0, 0, 0], foreign.local_addr().unwrap().port()));
    assert_eq!(taken(everywhere), Some(ErrorKind::AddrInUse));

    let open = shared(health.listen("127.0.0.1:0", |service| service).unwrap());
    assert_eq!(taken(open.local_addr()), Some(ErrorKind::AddrInUse));
    let several = [foreign.local_addr().unwrap(), "127.0.0.1:0".parse().unwrap()];
    let first_free = health.listen(&several[..], |service| service).unwrap();
    assert_eq!(get(first_free.local_addr(), "/livez").status, 200);
}

#[tokio::test]
async fn an_invalid_address_is_an_error_at_once() {
    let health = Health::builder().linked_checks(false).start().unwrap();
    let error = |result: std::io::Result<health_runtime::Listener>| result.err().map(|error| error.kind());
    assert_eq!(error(health.listen("127.0.0.1", |service| service)), Some(ErrorKind::InvalidInput));
    assert_eq!(error(health.listen(&[][..] as &[SocketAddr], |service| service)), Some(ErrorKind::InvalidInput));
    // An address reserved for documentation, which no machine has.
    assert_eq!(error(health.listen("192.0.2.1:0", |service| service)), Some(ErrorKind::AddrNotAvailable));
}

#[tokio::test]
async fn a_panic_in_configure_is_an_error_and_closes_the_port() {
    panics::expect("a fault of this test");
    let health = Health::builder().linked_checks(false).start().unwrap();
    let address = health.listen("127.0.0.1:0", |service| service).unwrap().local_addr();
    let failed = health.listen(address, |_| panic!("a fault of this test"));
    assert_eq!(failed.err().unwrap().kind(), ErrorKind::Other);
    let again = health.listen(address, |service| service).unwrap();
    assert_eq!(get(again.local_addr(), "/livez").status, 200);
}
