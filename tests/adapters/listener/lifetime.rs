//! The lifetime of the port: it is open until the listener is dropped.

use std::io::{self, ErrorKind, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use actix_web::web::{self, ServiceConfig};
use actix_web::{App, HttpResponse, HttpServer};
use health_runtime::{Check, Health, HealthBuilder, Listener};
use health_tests::http::{self, Connection};
use health_tests::servers::free_port;
use health_tests::{alone, process, test_name, until};
use tokio::time::{sleep, timeout};

use super::{LISTEN, Listen, Service, get};

const PATIENCE: Duration = Duration::from_mins(2);

/// Returns whether the server has closed the connection, by an end or by a reset.
fn is_closed(connection: &mut Connection) -> bool {
    match connection.rest() {
        Ok(_) => true,
        Err(error) => error.kind() == ErrorKind::ConnectionReset,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn dropping_the_listener_is_prompt_with_open_connections() {
    for listen in LISTEN {
        drop_is_prompt(listen).await;
    }
}

async fn drop_is_prompt(listen: Listen) {
    let hung = Check::readiness("hung", std::future::pending::<()>).timeout(Duration::from_mins(10));
    let health = Health::builder().linked_checks(false).check(hung).deadline(Duration::from_mins(10)).start().unwrap();
    let mut transitions = health.subscribe();
    let listener = listen(&health, free_port()).unwrap();
    let address = listener.local_addr();
    drop(health);

    assert_eq!(get(address, "/livez").status, 200, "the listener holds the health");
    let mut idle = Connection::open(address).unwrap();
    let mut slow = Connection::open(address).unwrap();
    slow.send(b"GET /livez HT").unwrap();
    let mut waiting = Connection::open(address).unwrap();
    waiting.send(b"GET /readyz HTTP/1.1\r\nHost: test\r\n\r\n").unwrap();
    sleep(Duration::from_millis(50)).await;

    // A response that it waited for would come after ten minutes.
    let dropped = tokio::task::spawn_blocking(move || drop(listener));
    timeout(PATIENCE, dropped).await.expect("it waits for no connection").unwrap();
    TcpListener::bind(address).expect("the port is free again");
    for connection in [&mut idle, &mut slow, &mut waiting] {
        assert!(is_closed(connection));
    }
    let ended = timeout(PATIENCE, transitions.next()).await.expect("the last Health is gone");
    assert_eq!(ended, None);
}

/// A load balancer sees this in a rolling restart: the application port is closed while a request is in flight, and the
/// dedicated port reports the drain until the end.
#[test]
fn the_listener_responds_while_the_application_server_stops() {
    let (started, released) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
    let (starts, release) = (Arc::clone(&started), Arc::clone(&released));
    let slow = move |config: &mut ServiceConfig| {
        let (starts, release) = (Arc::clone(&starts), Arc::clone(&release));
        let response = move || {
            starts.store(true, Ordering::SeqCst);
            let release = Arc::clone(&release);
            async move {
                while !release.load(Ordering::SeqCst) {
                    sleep(Duration::from_millis(1)).await;
                }
                HttpResponse::Ok().body("served")
            }
        };
        config.route("/slow", web::to(response));
    };
    let service = Service::start(|builder| builder.watch_workers(PATIENCE), |service| service, slow);
    let [app, own] = service.addresses();
    assert_eq!(get(own, "/readyz").status, 200);
    let both = || get(own, "/livez").text().contains(r#""workers":2,"#).then_some(());
    until(PATIENCE, "both workers are there", both);
    let mut request = Connection::open(app).unwrap();
    request.send(b"GET /slow HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n").unwrap();
    until(PATIENCE, "the request is in flight", || started.load(Ordering::SeqCst).then_some(()));

    service.health.drain();
    service.server.begin_stop();
    let refused = || http::get(app, "/readyz").err().filter(|error| error.kind() == ErrorKind::ConnectionRefused);
    until(PATIENCE, "the server listens no more", refused);
    let draining = get(own, "/readyz");
    let expected = r#"{"status":"unhealthy","reason":"draining","checks":{},"uptime_seconds":_}"#;
    assert_eq!((draining.status, draining.without_figures().as_str()), (503, expected));
    assert_eq!(get(own, "/livez").status, 200);
    released.store(true, Ordering::SeqCst);
    assert_eq!(request.response().unwrap().text(), "served");

    drop(service.server);
    until(PATIENCE, "no worker is left", || get(own, "/livez").text().contains("no worker").then_some(()));
    assert_eq!((get(own, "/livez").status, get(own, "/readyz").status), (200, 503));
}

#[tokio::test]
async fn each_response_is_the_last_one_of_its_connection() -> io::Result<()> {
    let health = Health::builder().linked_checks(false).start().unwrap();
    // hyper closes the connection without a response.
    for (listen, of_incomplete_head) in LISTEN.into_iter().zip([Some(408), None]) {
        closes_after_each_response(&listen(&health, 0)?, of_incomplete_head)?;
    }
    Ok(())
}

fn closes_after_each_response(listener: &Listener, of_incomplete_head: Option<u16>) -> io::Result<()> {
    for path in ["/livez", "/nowhere"] {
        let mut connection = Connection::open(listener.local_addr())?;
        let request = format!("GET {path} HTTP/1.1\r\nHost: test\r\nConnection: keep-alive\r\n\r\n");
        connection.send(request.as_bytes())?;
        assert_eq!(connection.response()?.header("connection"), Some("close"), "{path}");
        assert!(is_closed(&mut connection), "{path}");
    }
    let mut slow = Connection::open(listener.local_addr())?;
    slow.send(b"GET /livez HTTP/1.1\r\nX-Slow: ")?;
    assert_eq!(slow.response().ok().map(|response| response.status), of_incomplete_head);
    assert!(is_closed(&mut slow));
    let mut half_closed = Connection::open(listener.local_addr())?;
    half_closed.send(b"GET /livez HTTP/1.0\r\n\r\n")?;
    half_closed.close_write()?;
    assert_eq!(half_closed.response()?.status, 200);
    Ok(())
}

/// Each of these clients held its connection for as long as it wanted.
#[tokio::test]
async fn every_connection_ends_whatever_its_client_does() -> io::Result<()> {
    let long = "x".repeat(40);
    let checks = (0..2_000).map(|number| Check::liveness(format!("check-{number}-{long}"), || async {}));
    let health = checks.fold(Health::builder().linked_checks(false), HealthBuilder::check).start().unwrap();
    for listen in LISTEN {
        every_connection_ends(&listen(&health, 0)?)?;
    }
    Ok(())
}

fn every_connection_ends(listener: &Listener) -> io::Result<()> {
    let open = || Connection::open(listener.local_addr());
    let mut endless_body = open()?;
    endless_body.send(b"POST /livez HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\nffffff\r\n")?;
    // Large responses that the client never reads.
    let mut never_reads = open()?;
    never_reads.send(&b"GET /livez?verbose HTTP/1.1\r\nHost: test\r\n\r\n".repeat(20))?;
    let mut second_request = open()?;
    second_request.send(b"GET /livez HTTP/1.1\r\nHost: test\r\n\r\nG")?;
    let mut only_opened = open()?;
    let mut slow_head = TcpStream::connect(listener.local_addr())?;
    // One byte a second until the server closes the connection.
    until(PATIENCE, "the slow head ends", || {
        std::thread::sleep(Duration::from_secs(1));
        slow_head.write_all(b"G").is_err().then_some(())
    });
    for connection in [&mut endless_body, &mut second_request, &mut only_opened, &mut never_reads] {
        assert!(is_closed(connection));
    }
    Ok(())
}

/// An application on tokio without an actix `System` has workers with another kind of runtime.
#[tokio::test(flavor = "multi_thread")]
async fn workers_beat_without_an_actix_system() {
    let health = Health::builder().linked_checks(false).watch_workers(PATIENCE).start().unwrap();
    let listener = health.listen("127.0.0.1:0", |service| service).unwrap();
    let own = listener.local_addr();
    let server = HttpServer::new(move || App::new().service(health.service())).workers(3).disable_signals();
    let server = server.bind("127.0.0.1:0").unwrap().run();
    let handle = server.handle();
    let server = tokio::spawn(server);
    let workers = |with: &str| get(own, "/livez").text().contains(with).then_some(());
    until(PATIENCE, "three workers", || workers(r#""workers":3,"late":0"#));
    let began = Instant::now();
    until(PATIENCE, "they beat without a probe on their port", || {
        let lag = get(own, "/livez").json()["checks"]["workers"]["lag_ms"].as_u64()?;
        (Duration::from_millis(lag + 1) < began.elapsed()).then_some(())
    });
    handle.stop(true).await;
    until(PATIENCE, "no worker", || workers("no worker"));
    server.await.unwrap().unwrap();
}

/// A handler would take SIGTERM from the application.
#[tokio::test]
async fn the_listener_handles_no_signal() {
    if !alone::in_process(test_name!()) {
        return;
    }
    let health = Health::builder().linked_checks(false).start().unwrap();
    let listener = health.listen("127.0.0.1:0", |service| service).unwrap();
    assert_eq!(get(listener.local_addr(), "/livez").status, 200);
    let caught = u64::from_str_radix(&process::status(None, "SigCgt:"), 16).unwrap();
    for (signal, number) in [("SIGINT", 2), ("SIGQUIT", 3), ("SIGTERM", 15)] {
        assert_eq!(caught >> (number - 1) & 1, 0, "{signal}");
    }
}
