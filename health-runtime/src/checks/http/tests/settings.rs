//! Settings that make no sense, and what is there without any.

use rustls::crypto::CryptoProvider;

use crate::checks::http::exchange::LONGEST_BODY;
use crate::checks::{Http, HttpBuilder};

fn problems(builder: HttpBuilder) -> String {
    builder.build().expect_err("these settings are refused").to_string()
}

#[test]
fn every_mistake_is_named_with_its_remedy() {
    let get = || Http::get("http://api/");
    let url = "write it as in `https://host/path`";
    let table = [
        (Http::get(""), format!("`url` is no URL: relative URL without a base; {url}")),
        (Http::get("/health"), format!("`url` is no URL: relative URL without a base; {url}")),
        (Http::get("http://"), format!("`url` is no URL: empty host; {url}")),
        (Http::get("http://api:65536/"), format!("`url` is no URL: invalid port number; {url}")),
        (Http::get("api:8080/health"), format!("`url` has the scheme `api`; {url}")),
        (Http::head("unix:/run/api.sock"), format!("`url` has the scheme `unix`; {url}")),
        (Http::get("http://api:0/"), "`url` has port 0, which no server can have; write one from 1 to 65535".to_owned()),
        (Http::get("http://api/#top"), "`url` has a fragment, which is never sent; leave `#…` out".to_owned()),
        (get().expect([]), "`expect` has no code; leave it out for those from 200 to 299".to_owned()),
        (get().expect([200, 99]), "`expect` has 99, which no answer has; give codes from 100 to 599".to_owned()),
        (get().expect(200..), "`expect` has 600, which no answer has; give codes from 100 to 599".to_owned()),
        (get().body_contains(""), "`body_contains` is empty; leave it out where any body will do".to_owned()),
        (
            get().body_contains("a".repeat(LONGEST_BODY + 1)),
            "`body_contains` is longer than the 64 KiB that are read of a body; give a part of it".to_owned(),
        ),
        (
            Http::head("http://api/").body_contains("ready"),
            "`body_contains` asks for a body, which an answer to HEAD has not; use `Http::get`".to_owned(),
        ),
        (get().follow_redirects(11), "`follow_redirects` is 11; give at most 10".to_owned()),
        (
            get().header("accept", "*/*").header("x key", "hunter2"),
            "`header` 2 has a name that no header has; use letters, digits and `-`".to_owned(),
        ),
        (
            get().header("x-key", "hunter2\r\nx: y"),
            "`header` 1 has a value that no header has; leave out control characters".to_owned(),
        ),
    ];
    for (builder, problem) in table {
        assert_eq!(problems(builder), format!("`Http` cannot be built; 1 problem:\n  {problem}"));
    }
}

#[test]
fn all_mistakes_are_named_at_once() {
    let builder = Http::head("ftp://app:hunter2@api/").expect([600]).body_contains("x").follow_redirects(99).header("", "\n");
    assert_eq!(
        problems(builder),
        "`Http` cannot be built; 6 problems:
  `url` has the scheme `ftp`; write it as in `https://host/path`
  `expect` has 600, which no answer has; give codes from 100 to 599
  `body_contains` asks for a body, which an answer to HEAD has not; use `Http::get`
  `follow_redirects` is 99; give at most 10
  `header` 1 has a name that no header has; use letters, digits and `-`
  `header` 1 has a value that no header has; leave out control characters"
    );
}

#[test]
fn the_limits_themselves_are_allowed() {
    let builder = Http::get("http://[::1]:65535/?a=b").expect(100..=599).follow_redirects(10);
    assert!(builder.body_contains("a".repeat(LONGEST_BODY)).header("x-1", "\u{e9} \t").build().is_ok());
}

#[test]
fn the_process_gets_no_default_of_cryptography() {
    assert!(Http::get("http://api/").build().is_ok());
    assert!(CryptoProvider::get_default().is_none());
}
