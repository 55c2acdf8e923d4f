//! Invalid settings, and the defaults.

use rustls::crypto::CryptoProvider;

use crate::checks::http::expectation::MAX_BODY_BYTES;
use crate::checks::{Http, HttpBuilder, Tls};

fn problems(builder: HttpBuilder) -> String {
    builder.build().expect_err("invalid settings").to_string()
}

#[test]
fn every_invalid_setting_is_a_problem_with_a_remedy() {
    let get = || Http::get("http://api/");
    let url = "use a URL such as `https://host/path`";
    let table = [
        (Http::get(""), format!("`url` is not a URL: relative URL without a base; {url}")),
        (Http::get("/health"), format!("`url` is not a URL: relative URL without a base; {url}")),
        (Http::get("http://"), format!("`url` is not a URL: empty host; {url}")),
        (Http::get("http://api:65536/"), format!("`url` is not a URL: invalid port number; {url}")),
        (Http::get("api:8080/health"), format!("`url` has the scheme `api`; {url}")),
        (Http::head("unix:/run/api.sock"), format!("`url` has the scheme `unix`; {url}")),
        (Http::get("http://api:0/"), "`url` has port 0; use a port from 1 to 65535".to_owned()),
        (Http::get("http://api/#top"), "`url` has a fragment, which HTTP does not send; remove `#…`".to_owned()),
        (get().expect([]), "`expect` is empty; omit it for the codes from 200 to 299".to_owned()),
        (get().expect([200, 99]), "`expect` contains 99; status codes are from 100 to 599".to_owned()),
        (get().expect(200..), "`expect` contains 600; status codes are from 100 to 599".to_owned()),
        (get().body_contains(""), "`body_contains` is empty; omit it to accept any body".to_owned()),
        (
            get().body_contains("a".repeat(MAX_BODY_BYTES + 1)),
            "`body_contains` is longer than 64 KiB, the maximum that is read of a body; use a part of it".to_owned(),
        ),
        (
            Http::head("http://api/").body_contains("ready"),
            "`body_contains` needs a body, which the response to HEAD does not have; use `Http::get`".to_owned(),
        ),
        (get().follow_redirects(11), "`follow_redirects` is 11; the maximum is 10".to_owned()),
        (
            get().header("accept", "*/*").header("x key", "hunter2"),
            "`header` 2 has an invalid name; use letters, digits and `-`".to_owned(),
        ),
        ((0..257).fold(get(), |get, _| get.header("x", "y")), "`header` is set 257 times; the maximum is 256".to_owned()),
        (get().header("x-key", "hunter2\r\nx: y"), "`header` 1 has an invalid value; remove control characters".to_owned()),
    ];
    for (builder, problem) in table {
        assert_eq!(problems(builder), format!("`Http` cannot be built; 1 problem:\n  {problem}"));
    }
}

#[test]
fn build_reports_all_invalid_settings() {
    let builder = Http::head("ftp://app:hunter2@api/").expect([600]).body_contains("x").follow_redirects(99).header("", "\n");
    assert_eq!(
        problems(builder),
        "`Http` cannot be built; 6 problems:
  `url` has the scheme `ftp`; use a URL such as `https://host/path`
  `expect` contains 600; status codes are from 100 to 599
  `body_contains` needs a body, which the response to HEAD does not have; use `Http::get`
  `follow_redirects` is 99; the maximum is 10
  `header` 1 has an invalid name; use letters, digits and `-`
  `header` 1 has an invalid value; remove control characters"
    );
}

#[test]
fn the_maximum_settings_are_valid() {
    let builder = Http::get("http://[::1]:65535/?a=b").expect(100..=599).follow_redirects(10);
    assert!(builder.body_contains("a".repeat(MAX_BODY_BYTES)).header("x-1", "\u{e9} \t").build().is_ok());
}

#[test]
fn building_a_check_installs_no_crypto_provider() {
    for url in ["http://api/", "https://api/"] {
        assert!(Http::get(url).follow_redirects(1).build().is_ok());
    }
    assert!(Tls::host("api:443").build().is_ok());
    assert!(CryptoProvider::get_default().is_none());
}
