//! Headers, versions and bodies, and bytes that are not a request.

use super::{send, with_headers};

#[test]
fn large_headers_are_served_or_rejected() {
    let accept = format!("Accept: {}\r\n", "text/plain, ".repeat(64 * 1024 / 12));
    assert_eq!(send(&with_headers("/readyz", &accept)).status, 200, "64 KiB of one header");
    assert_eq!(send(&with_headers("/readyz", &"X-Many: 1\r\n".repeat(90))).status, 200, "90 headers");
    assert!(send(&with_headers("/readyz", &"X-Many: 1\r\n".repeat(5_000))).status >= 400, "5,000 headers");
    let large = format!("X-Large: {}\r\n", "a".repeat(140_000));
    assert_eq!(send(&with_headers("/readyz", &large)).status, 431, "140 KB of one header");
}

#[test]
fn unusual_headers_are_ignored_and_invalid_ones_rejected() {
    for headers in [
        "Accept: \r\n",
        "Accept: */*;q=,;;;q=9\r\nAccept: \r\n",
        "Content-Length: 0\r\n",
        "Expect: nonsense\r\n",
        "Range: bytes=0-0\r\n",
        "If-None-Match: *\r\nIf-Modified-Since: Sat, 01 Jan 2000 00:00:00 GMT\r\n",
        "Accept-Encoding: gzip, br\r\n",
        "X-HTTP-Method-Override: DELETE\r\n",
    ] {
        assert_eq!(send(&with_headers("/readyz", headers)).status, 200, "{headers:?}");
    }
    for headers in [
        "Content-Length: -1\r\n",
        "Content-Length: 1\r\nContent-Length: 2\r\n",
        "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: nonsense\r\n",
        "Host: another\r\n",
        "No colon\r\n",
        ": no name\r\n",
        "Na me: value\r\n",
        "X-Null: a\0b\r\n",
    ] {
        assert!(send(&with_headers("/readyz", headers)).status >= 400, "{headers:?}");
    }
    send(&with_headers("/readyz", "Upgrade: websocket\r\nConnection: Upgrade\r\n"));
    send(&with_headers("/readyz", "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n"));
}

#[test]
fn unknown_http_versions_are_rejected() {
    for method in ["GET", "OPTIONS"] {
        let response = send(format!("{method} /readyz HTTP/1.0\r\n\r\n").as_bytes());
        assert_eq!(response.status, 200);
        assert_eq!(response.header("transfer-encoding"), None);
    }
    assert_eq!(send(b"GET /readyz HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").status, 200);
    for line in ["GET /readyz HTTP/0.9", "GET /readyz HTTP/2.0", "GET /readyz HTTP/1.2", "GET /readyz http/1.1", "GET /readyz"] {
        assert!(send(format!("{line}\r\nHost: test\r\n\r\n").as_bytes()).status >= 400, "{line}");
    }
    assert!(send(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").status >= 400);
}

#[test]
fn bytes_that_are_not_http_are_rejected() {
    for garbage in [
        &b"garbage\r\n\r\n"[..],
        b"\0\0\0\0\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET /a b HTTP/1.1\r\n\r\n",
        b"GE\xffT /readyz HTTP/1.1\r\n\r\n",
        b"<html>\r\n\r\n",
        b"{\"a\":1}\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
        b"GET /readyz HTTP/1.1\rHost: test\r\r",
    ] {
        assert!(send(garbage).status >= 400);
    }
    assert_eq!(send(b"\r\n\r\nGET /readyz HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n").status, 200, "empty lines first");
}

#[test]
fn request_bodies_are_ignored() {
    for (method, status) in [("GET", 200), ("OPTIONS", 200), ("POST", 405), ("PUT", 405)] {
        let sized = format!("{method} /readyz HTTP/1.1\r\nHost: test\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello");
        assert_eq!(send(sized.as_bytes()).status, status, "{method}");
        let head = format!("{method} /readyz HTTP/1.1\r\nHost: test\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n");
        assert_eq!(send(format!("{head}5\r\nhello\r\n0\r\n\r\n").as_bytes()).status, status, "{method} in chunks");
        send(format!("{head}zz\r\nhello\r\n").as_bytes());
        let announced = format!("{method} /readyz HTTP/1.1\r\nHost: test\r\nContent-Length: 9000000000\r\n\r\n");
        assert_eq!(send(announced.as_bytes()).status, status, "{method}: a body that does not come is not waited for");
        let large = [announced.as_bytes(), &vec![b'a'; 500_000]].concat();
        assert_eq!(send(&large).status, status, "{method}: a body that is never read");
    }
}
