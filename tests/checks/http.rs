//! The check of HTTP against a real web server.

use std::net::SocketAddr;
use std::process::Command;
use std::{env, fs};

use health_runtime::checks::Http;
use health_tests::alone;
use health_tests::folder::Folder;
use health_tests::installed::content;
use health_tests::log::Log;
use health_tests::servers::{Certificate, Counting, Website};
use health_tests::test_name;
use reqwest::Client;
use rustls::crypto::ring;
use tracing::Level;
use tracing_subscriber::fmt::format::FmtSpan;

use crate::contract::{Counted, Kept, Named, Networked, contract};
use crate::probed::{Probed, down, up};

fn url(address: SocketAddr, path: &str) -> String {
    format!("http://{address}{path}")
}

fn well() -> (u16, String) {
    up(r#""code":200"#)
}

struct HttpCheck;

impl Networked for HttpCheck {
    type Server = Website;
    type Check = Http;

    fn start() -> Website {
        Website::start()
    }

    fn check(_: &Website, address: SocketAddr) -> Http {
        Http::get(url(address, "/")).body_contains("all well").build().unwrap()
    }

    fn up(_: &Website) -> (u16, String) {
        well()
    }
}

impl Counted for HttpCheck {
    const COSTS: [(u64, u64); 3] = [(1, 1), (0, 1), (0, 1)];
}

impl Named for HttpCheck {
    fn check_by_name(host: &str, port: u16) -> Http {
        Http::get(format!("http://{host}:{port}/")).build().unwrap()
    }
}

impl Kept for HttpCheck {
    const UNEXPECTED: &'static [u8] = b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 4\r\n\r\naway";
}

contract!(HttpCheck: restarts, frozen_later, frozen_from_the_start, cost, two_addresses, moved, aged);

#[tokio::test(flavor = "multi_thread")]
async fn the_response_decides_the_status() {
    let site = Website::start();
    let at = |path| Http::get(url(site.address(), path));
    let code = |code, error: &str| (503, format!(r#""status":"down","latency_ms":_,"error":"{error}","code":{code}"#));
    assert_eq!(Probed::new(at("/sick").build()).probe().await, code(503, "answered 503"));
    assert_eq!(Probed::new(at("/nowhere").build()).probe().await, code(404, "answered 404"));
    assert_eq!(Probed::new(at("/moved").build()).probe().await, code(302, "answered 302"));
    assert_eq!(Probed::new(at("/moved").follow_redirects(1).build()).probe().await, well());
    assert_eq!(Probed::new(at("/sick").expect([503]).build()).probe().await, up(r#""code":503"#));
    assert_eq!(Probed::new(Http::head(url(site.address(), "/")).build()).probe().await, well());
    let other = "body does not contain the expected text";
    assert_eq!(Probed::new(at("/").body_contains("all bad").build()).probe().await, code(200, other));
}

#[tokio::test(flavor = "multi_thread")]
async fn request_secrets_are_never_shown() {
    if !alone::in_process(test_name!()) {
        return;
    }
    let log = Log::of_process(Level::TRACE, FmtSpan::NONE);
    let mut site = Website::start();
    site.stop();
    let url = url(site.address(), "/?key=s3cret").replace("http://", "http://orders:hunter2@");
    let probed = Probed::new(Http::get(url).header("x-api-key", "t0ken").build());
    assert_eq!(probed.probe().await, down("connection refused"));
    probed.assert_secret(&log, ["hunter2", "s3cret"]).await;
    probed.assert_secret(&log, ["t0ken", "x-api-key"]).await;
}

/// The documentation of the check has this table.
#[tokio::test]
async fn cost_of_a_run_with_other_codes_and_redirects() {
    let site = Website::start();
    for path in ["/", "/sick"] {
        let proxy = Counting::start(site.address());
        let at = |path| url(proxy.address(), path);
        let probed = Probed::new(Http::get(at(path)).expect([200, 503]).build());
        assert_eq!(probed.costs(&proxy, 200).await, [(1, 1), (0, 1), (0, 1)]);
        proxy.cut();
        assert_eq!(probed.probe().await.0, 503);
        proxy.open();
        assert_eq!(probed.costs(&proxy, 200).await, [(1, 1), (0, 1), (0, 1)]);
        let moved = Probed::new(Http::head(at("/moved")).follow_redirects(1).build());
        assert_eq!(moved.costs(&proxy, 200).await, [(1, 2), (0, 2), (0, 2)]);
    }
}

/// Returns the client of an application that trusts a private root certificate.
fn client_that_trusts(certificate: &Certificate) -> Client {
    // Another test may have installed it.
    let _installed = ring::default_provider().install_default();
    let root = reqwest::Certificate::from_pem(certificate.root.as_bytes()).unwrap();
    Client::builder().tls_certs_only([root]).build().unwrap()
}

#[tokio::test]
async fn cost_of_a_run_over_tls() {
    let certificate = Certificate::ending_in(30.0);
    let site = Website::secure(&certificate);
    let proxy = Counting::start(site.address());
    let http = Http::get(format!("https://localhost:{}/", proxy.address().port())).client(client_that_trusts(&certificate));
    let probed = Probed::new(http.build());
    let costs = probed.costs(&proxy, 200).await;
    // A handshake and a response. Data that the server sends in between may count as a third round trip.
    assert!(matches!(costs, [(1, 2 | 3), (0, 1), (0, 1)]), "{costs:?}");
    assert_eq!(probed.probe().await, well());
}

#[tokio::test]
async fn an_untrusted_certificate_is_down_with_its_reason() {
    let (certificate, expired) = (Certificate::ending_in(30.0), Certificate::ending_in(-1.0));
    let site = Website::secure(&certificate);
    let https = |site: &Website, host| Http::get(format!("https://{host}:{}/", site.port()));
    assert_eq!(Probed::new(https(&site, "localhost").build()).probe().await, down("certificate is not accepted"));
    let site = Website::secure(&expired);
    let expired = https(&site, "localhost").client(client_that_trusts(&expired)).build();
    assert_eq!(Probed::new(expired).probe().await, down("certificate is not accepted"));
}

/// Runs itself again in a child process with another environment.
#[tokio::test]
async fn the_environment_can_name_a_root_certificate() {
    const URL: &str = "URL_OF_A_WEBSITE";
    if let Ok(url) = env::var(URL) {
        assert_eq!(Probed::new(Http::get(url).build()).probe().await, well());
        return;
    }
    let certificate = Certificate::with_intermediate(30.0, 30.0);
    let site = Website::secure(&certificate);
    let folder = Folder::new();
    let root = folder.path().join("root.pem");
    fs::write(&root, &certificate.root).unwrap();
    let mut again = Command::new(env::current_exe().unwrap());
    again.args(["--exact", test_name!()]);
    again.env(URL, format!("https://localhost:{}/", site.port())).env("SSL_CERT_FILE", root).env_remove("SSL_CERT_DIR");
    let output = content(&mut again, "");
    assert!(output.contains("1 passed"), "{output}");
}
