//! OpenSSL's server, and the certificates.

use std::fs;
use std::net::SocketAddr;
use std::process::Command;

use health_tests::folder::Folder;
use health_tests::installed::{self, content};
use health_tests::servers::{Certificate, TlsServer};

use super::{can_be_stopped_and_frozen, leaves_nothing};

/// Returns the output of OpenSSL's client about a server.
fn client(server: SocketAddr, certificate: &Certificate) -> String {
    let folder = Folder::new();
    let root = folder.path().join("root.pem");
    fs::write(&root, &certificate.root).unwrap();
    let mut command = openssl();
    command.args(["s_client", "-connect", &server.to_string(), "-verify_hostname", "localhost", "-ign_eof", "-CAfile"]).arg(root);
    content(&mut command, "GET / HTTP/1.0\r\n\r\n")
}

/// Returns whether a certificate is still valid after this many days.
fn lasts(pem: &str, days: u32) -> bool {
    let mut command = openssl();
    command.args(["x509", "-noout", "-checkend", &(days * 86_400).to_string()]);
    installed::output(&mut command, pem).status.success()
}

fn openssl() -> Command {
    installed::program("openssl", "OpenSSL", "openssl")
}

#[test]
fn the_tls_server_obeys_the_contract_of_a_daemon() {
    let certificate = Certificate::ending_in(20.5);
    let mut server = TlsServer::start(&certificate);
    can_be_stopped_and_frozen(&mut server, b"\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00", |output| output.starts_with(b"\x15\x03"));
    let output = client(server.address(), &certificate);
    assert!(output.contains("Verify return code: 0 (ok)") && output.contains("HTTP/1.0 200 ok"), "{output}");
    assert!(output.contains("NotAfter"), "{output}");

    let other = Certificate::ending_in(-0.5);
    server.renew(&other);
    let output = client(server.address(), &other);
    assert!(output.contains("Verify return code: 10 (certificate has expired)"), "{output}");
    leaves_nothing(server);
}

#[test]
fn an_intermediate_certificate_can_expire_sooner() {
    let certificate = Certificate::with_intermediate(90.5, 3.5);
    let server = TlsServer::start(&certificate);
    let output = client(server.address(), &certificate);
    assert!(output.contains("Verify return code: 0 (ok)"), "{output}");
    assert!(output.contains(" 1 s:") && !output.contains(" 2 s:"), "{output}");
    let intermediate = certificate.intermediate.as_deref().unwrap();
    assert_eq!([90, 91].map(|days| lasts(&certificate.leaf, days)), [true, false]);
    assert_eq!([3, 4].map(|days| lasts(intermediate, days)), [true, false]);
}
