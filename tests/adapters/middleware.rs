//! H9: where to mount the endpoints so that probes bypass the middleware of an application, and what happens to probes
//! where the middleware wraps the endpoints too.

use std::time::Duration;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header;
use actix_web::middleware::{Compress, Logger, Next, NormalizePath, TrailingSlash, from_fn};
use actix_web::test::{TestRequest, init_service, read_body, try_call_service};
use actix_web::web::{self, ServiceConfig};
use actix_web::{App, Error, HttpResponse, error};
use health_runtime::{Check, Health};
use health_tests::log::Log;
use health_tests::{alone, test_name};

const PROBES: [&str; 7] = ["/livez", "/readyz", "/readyz/", "/readyz/database", "/startupz", "/health", "/healthz"];

fn health() -> Health {
    let database = Check::readiness("database", || async {}).cache(Duration::from_hours(1));
    Health::builder().linked_checks(false).check(database).version("1.4.2").start().unwrap()
}

fn application(config: &mut ServiceConfig) {
    config.route("/orders", web::get().to(|| async { "tea ".repeat(100) }));
}

async fn authenticate(
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    if req.headers().contains_key(header::AUTHORIZATION) {
        next.call(req).await
    } else {
        Err(error::ErrorUnauthorized("who are you?"))
    }
}

/// A kubelet takes a redirect for a success, whatever its target returns.
async fn redirect(req: ServiceRequest, _: Next<impl MessageBody + 'static>) -> Result<ServiceResponse, Error> {
    let secure = format!("https://orders.example{}", req.path());
    let response = HttpResponse::PermanentRedirect().insert_header((header::LOCATION, secure)).finish();
    Ok(req.into_response(response))
}

/// Rejects every request, like a rate limit that is used up.
async fn limit(req: ServiceRequest, _: Next<impl MessageBody + 'static>) -> Result<ServiceResponse, Error> {
    Ok(req.into_response(HttpResponse::TooManyRequests().finish()))
}

/// One response: its code, its headers in their order, its body.
type Seen = (u16, Vec<(String, String)>, String);

/// Sends a `GET` of a client that accepts compressed responses.
macro_rules! get {
    ($app:expr, $path:expr) => {{
        let request = TestRequest::with_uri($path).insert_header((header::ACCEPT_ENCODING, "gzip")).to_request();
        match try_call_service(&$app, request).await {
            Ok(response) => {
                let headers = response.headers().iter();
                let mut headers: Vec<_> =
                    headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect();
                headers.sort();
                (response.status().as_u16(), headers, String::from_utf8_lossy(&read_body(response).await).into_owned())
            }
            Err(error) => (error.as_response_error().status_code().as_u16(), Vec::new(), error.to_string()),
        }
    }};
}

/// Returns the responses to all probes of an application without middleware.
async fn bare(health: &Health) -> Vec<Seen> {
    let app = init_service(App::new().service(health.service())).await;
    let mut seen = Vec::new();
    for path in PROBES {
        seen.push(get!(app, path));
    }
    assert!(seen.iter().all(|(code, headers, _)| (*code, headers.len()) == (200, 4)), "{seen:?}");
    seen
}

/// Asserts equal responses with the service next to a scope that has the middleware, and the given ones behind the middleware.
macro_rules! h9 {
    ($middleware:expr, $code:expr, $is_stopped:expr) => {{
        let health = health();
        let expected = bare(&health).await;
        let guarded = web::scope("").wrap($middleware).configure(application);
        let unwrapped = init_service(App::new().service(health.service()).service(guarded)).await;
        let wrapped = App::new().service(health.service()).configure(application).wrap($middleware);
        let wrapped = init_service(wrapped).await;
        let is_stopped: fn(&Seen) -> bool = $is_stopped;
        for (path, expected) in PROBES.into_iter().zip(expected) {
            assert_eq!(get!(unwrapped, path), expected, "{path}");
            let seen = get!(wrapped, path);
            assert!(seen.0 == $code && is_stopped(&seen), "{path}: {seen:?}");
        }
        let orders = get!(unwrapped, "/orders");
        assert!(orders.0 == $code && is_stopped(&orders), "{orders:?}");
    }};
}

fn has(seen: &Seen, name: &str, value: &str) -> bool {
    seen.1.iter().any(|(known, with)| known == name && with == value)
}

#[tokio::test(start_paused = true)]
async fn h9_probes_pass_authentication() {
    h9!(from_fn(authenticate), 401, |seen| seen.2 == "who are you?");
}

#[tokio::test(start_paused = true)]
async fn h9_probes_pass_redirects() {
    h9!(from_fn(redirect), 308, |seen| seen.1.iter().any(|(name, _)| name == "location"));
}

#[tokio::test(start_paused = true)]
async fn h9_probes_pass_rate_limits() {
    h9!(from_fn(limit), 429, |seen| seen.2.is_empty());
}

#[tokio::test(start_paused = true)]
async fn h9_probes_pass_compression() {
    h9!(Compress::default(), 200, |seen| has(seen, "content-encoding", "gzip"));
}

#[tokio::test(start_paused = true)]
async fn h9_probes_pass_several_middlewares_at_once() {
    let health = health();
    let guarded = web::scope("")
        .wrap(Compress::default())
        .wrap(from_fn(authenticate))
        .wrap(from_fn(limit))
        .wrap(from_fn(redirect))
        .configure(application);
    let app = App::new().service(health.service()).service(guarded).wrap(health.middleware());
    let app = init_service(app).await;
    for (path, expected) in PROBES.into_iter().zip(bare(&health).await) {
        assert_eq!(get!(app, path), expected, "{path}");
    }
    assert_eq!((get!(app, "/orders").0, get!(app, "/nowhere").0), (308, 308), "all else is the application's");
}

#[tokio::test(start_paused = true)]
async fn h9_probes_pass_path_normalization() {
    let health = health();
    let expected = bare(&health).await;
    for (slash, broken) in [
        (TrailingSlash::Trim, &[][..]),
        (TrailingSlash::MergeOnly, &[]),
        // With a trailing slash it is a path below a check.
        (TrailingSlash::Always, &["/readyz/database"]),
    ] {
        let app = App::new().service(health.service()).configure(application).wrap(NormalizePath::new(slash));
        let app = init_service(app).await;
        for (path, expected) in PROBES.into_iter().zip(&expected) {
            let seen = get!(app, path);
            if broken.contains(&path) {
                assert_eq!((seen.0, seen.2.as_str()), (404, r#"{"error":"not found"}"#), "{path}");
            } else {
                assert_eq!(&seen, expected, "{path}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn h9_probes_can_be_kept_out_of_the_access_log() {
    if !alone::in_process(test_name!()) {
        return;
    }
    let log = Log::of_log_crate(Some("access"));
    let health = health();
    let logger = || Logger::new("%U %s").log_target("access");
    // The first needs no list of paths, the second can wrap the whole application.
    let unwrapped = App::new().service(health.service()).service(web::scope("").wrap(logger()).configure(application));
    let unwrapped = init_service(unwrapped).await;
    let excluding = App::new().service(health.service()).configure(application);
    let excluding = excluding.wrap(logger().exclude_regex("^/(livez|readyz|startupz|healthz?)(/|$)"));
    let excluding = init_service(excluding).await;
    let all = init_service(App::new().service(health.service()).wrap(logger())).await;
    for path in PROBES {
        get!(unwrapped, path);
        get!(excluding, path);
    }
    assert_eq!(log.lines(), Vec::<String>::new());
    for path in ["/orders", "/readyzz", "/orders/readyz"] {
        get!(unwrapped, path);
        get!(excluding, path);
    }
    let expected = ["/orders 200", "/orders 200", "/readyzz 404", "/readyzz 404", "/orders/readyz 404", "/orders/readyz 404"];
    assert_eq!(log.lines(), expected.map(|line| format!("INFO {line}")));
    for path in PROBES {
        get!(all, path);
    }
    assert_eq!(log.lines(), PROBES.map(|path| format!("INFO {path} 200")));
}
