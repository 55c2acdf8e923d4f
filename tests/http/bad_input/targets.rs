//! The request target: paths, queries and encodings.

use proptest::collection::vec;
use proptest::prelude::*;

use super::{get, send};

#[test]
fn long_paths_are_rejected() {
    for length in [100, 1_000, 8_000, 60_000, 70_000, 300_000] {
        for path in [
            format!("/readyz/{}", "a".repeat(length)),
            format!("/readyz{}", "/".repeat(length)),
            format!("/readyz{}", "/a".repeat(length / 2)),
            format!("/readyz/{}", "%61".repeat(length / 3)),
        ] {
            let response = send(&get(path.as_bytes()));
            assert!(response.status >= 400, "{length}: {response:?}");
        }
    }
    assert_eq!(send(&get(format!("/readyz?{}", "a=b&".repeat(2_000)).as_bytes())).status, 200);
}

#[test]
fn invalid_utf_8_is_rejected() {
    for path in [&b"/readyz/\xff"[..], b"/\xc3\x28", b"/readyz\xf0\x28\x8c\xbc", b"/\x80readyz", b"/readyz/\xed\xa0\x80"] {
        assert!(send(&get(path)).status >= 400);
    }
    for path in [&b"/readyz/%ff"[..], b"/readyz/%c3%28", b"/readyz/%ed%a0%80", b"/readyz/datab%ffse"] {
        assert_eq!(send(&get(path)).status, 404);
    }
    assert!(send(&get("/readyz/dätabase".as_bytes())).status >= 400);
    send(&get(b"/readyz?tag=\xff%ff"));
    for value in [&b"\xff\xfe"[..], b"\x80", "日本".as_bytes()] {
        let request = [b"GET /readyz HTTP/1.1\r\nHost: test\r\nConnection: close\r\nAccept: ", value, b"\r\n\r\n"].concat();
        assert_eq!(send(&request).status, 200);
    }
}

#[test]
fn dot_segments_and_double_slashes_are_not_found() {
    for (path, status) in [
        ("/readyz/", 200),
        ("/readyz//", 404),
        ("//readyz", 404),
        ("/readyz//database", 404),
        ("/readyz/./database", 404),
        ("/readyz/../livez", 404),
        ("/readyz/%2e%2e", 404),
        ("/readyz/%2e%2e/livez", 404),
        ("/readyz/..%2flivez", 404),
        ("/readyz/database%2fmore", 404),
        ("/./readyz", 404),
        ("/readyz\\database", 404),
        ("/readyz;a=b", 404),
        ("/readyz/database;a=b", 404),
    ] {
        assert_eq!(send(&get(path.as_bytes())).status, status, "{path}");
    }
}

#[test]
fn percent_encoding_is_decoded_once() {
    let plain = send(&get(b"/readyz"));
    let encoded = send(&get(b"/ready%7a"));
    assert_eq!((encoded.status, encoded.header("cache-control")), (200, plain.header("cache-control")));
    for (path, status) in [
        ("/ready%7A", 200),
        ("/readyz/data%62ase", 200),
        ("/readyz/%", 404),
        ("/readyz/%0", 404),
        ("/readyz/%zz", 404),
        ("/readyz/%00", 404),
        ("/readyz/database%00", 404),
        ("/readyz/%0d%0aX-Injected:%20yes", 404),
        ("/readyz/%25", 404),
        ("/readyz%", 404),
        ("/%", 404),
        ("/%zz", 404),
        ("/readyz?%", 200),
        ("/readyz?%zz=%", 200),
        ("/readyz?", 200),
        ("/readyz?=&&=&a", 200),
    ] {
        let response = send(&get(path.as_bytes()));
        assert_eq!(response.status, status, "{path}");
        assert_eq!(response.header("x-injected"), None, "{path}");
    }
}

#[test]
fn absolute_and_malformed_targets_get_a_response() {
    for target in ["http://test/readyz", "http://elsewhere:99/readyz", "HTTP://test/readyz?a=b", "http://user:pass@test/readyz"] {
        assert_eq!(send(&get(target.as_bytes())).status, 200, "{target}");
    }
    for target in
        ["*", "http://", "http:///readyz", "ftp://test/readyz", "readyz", "test:80", "?readyz", "#readyz", "/readyz#part"]
    {
        send(&get(target.as_bytes()));
    }
    send(b"OPTIONS * HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");
    send(b"CONNECT test:443 HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");
    send(b"CONNECT /readyz HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");
}

/// Generates paths of pieces that may confuse a parser.
fn pieces() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop::sample::select(vec![
        &b"/"[..],
        b"//",
        b".",
        b"..",
        b"%",
        b"%2",
        b"%2f",
        b"%2e",
        b"%00",
        b"%0d%0a",
        b"%zz",
        b"%ff",
        b"?",
        b"&",
        b"=",
        b"#",
        b";",
        b"\\",
        b"\xff",
        b"\xc3\xa4",
        b"\0",
        b"\t",
        b":",
        b"@",
        b"*",
        b"+",
        b"~",
        b"{",
        b"}",
        b"readyz",
        b"livez",
        b"health",
        b"database",
        b"tag",
        b"verbose",
        b"format",
        b"exclude",
    ]);
    vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

fn path() -> impl Strategy<Value = Vec<u8>> {
    let start = prop::sample::select(vec!["/", "/readyz", "/readyz/", "/livez/", "/health?", "/health?tag=", ""]);
    let rest = prop_oneof![pieces(), vec(any::<u8>(), 0..200)];
    (start, rest).prop_map(|(start, rest)| [start.as_bytes(), &rest].concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_in_the_path_get_a_response(path in path()) {
        send(&get(&path));
    }
}
