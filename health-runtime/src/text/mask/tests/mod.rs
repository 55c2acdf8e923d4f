//! The masked text of each form, and the texts that stay as they are.

mod forms;
mod keys;
mod random;
mod reported;
mod steps;

use std::cell::Cell;

use super::mask;

thread_local! {
    static STEPS: Cell<usize> = const { Cell::new(0) };
}

pub(super) fn count_step() {
    STEPS.set(STEPS.get() + 1);
}

/// Returns how many bytes the scanner reads.
fn count_steps<T>(run: impl FnOnce() -> T) -> usize {
    STEPS.set(0);
    run();
    STEPS.get()
}

/// Asserts for each text that the second one is not shown.
#[track_caller]
fn assert_hidden(table: &[(&str, &str)]) {
    for (text, secret) in table {
        let masked = mask(text);
        assert!(text.contains(secret) && !masked.contains(secret), "{text:?} became {masked:?}");
    }
}

#[track_caller]
fn assert_masked(table: &[(&str, &str)]) {
    for (text, masked) in table {
        assert_eq!(mask(text), *masked, "{text}");
    }
}

#[test]
fn credentials_are_replaced_and_the_rest_stays() {
    assert_masked(&[
        ("postgres://app:hunter2@db1/orders refused", "postgres://***@db1/orders refused"),
        ("postgres://app:p@ss/w?rd@db1", "postgres://***@db1"),
        ("postgres://app:it's<hunter2@db1/x", "postgres://***@db1/x"),
        ("redis://:s3cret@cache:6379/0", "redis://***@cache:6379/0"),
        ("password=hunter2 host=db1", "password=*** host=db1"),
        ("Password = 'a b c' host=db1", "Password = *** host=db1"),
        ("PGPASSWORD=hunter2;x=1", "PGPASSWORD=***"),
        (r#"{"api_key":"k","b":1}"#, r#"{"api_key":***,"b":1}"#),
        ("aws_secret_access_key => x1/y2", "aws_secret_access_key => ***"),
        ("x-api-key: 12", "x-api-key: ***"),
        (r#"{\"token\": \"t o k\", x}"#, r#"{\"token\": ***, x}"#),
        ("?a=1&password%3Dhunter2&b=2", "?a=1&password%3D***&b=2"),
        ("AccountKey=hunter2;EndpointSuffix=core", "AccountKey=***"),
        ("sv=2024&sig=hunter2&se=1", "sv=2024&sig=***&se=1"),
        ("X-Amz-Signature=hunter2", "X-Amz-Signature=***"),
        ("psql --password hunter2 --host db1", "psql --password *** --host db1"),
        ("user=app pass=hunter2", "user=app pass=***"),
        ("DB_PASS=hunter2 MYSQL_PASS='hunter2'", "DB_PASS=*** MYSQL_PASS=***"),
        ("dbPass: hunter2, x_sig=hunter2", "dbPass: ***"),
        ("pass_phrase=hunter2 encryption_key=hunter3", "pass_phrase=*** encryption_key=***"),
        ("\"password\":\n  \"hunter2\",\n  \"id\": 7", "\"password\":\n  ***,\n  \"id\": 7"),
    ]);
}

#[test]
fn a_value_may_hold_any_sign() {
    assert_masked(&[
        ("password=it'shunter2 x", "password=***"),
        ("password=ab)hunter2 x", "password=***"),
        ("password=ab&hunter2 x", "password=***"),
        ("password=ab,hunter2, x", "password=***"),
        ("lost password=it'shunter2 x", "lost password=*** x"),
        ("lost password=ab)hunter2 x", "lost password=*** x"),
        ("lost password=ab,hunter2, x", "lost password=***, x"),
        ("user=app;AccountKey=hunter2;EndpointSuffix=core", "user=app;AccountKey=***;EndpointSuffix=core"),
        ("(password=hunter2)", "(password=***)"),
        ("?password=hunter2&sslmode=require", "?password=***&sslmode=require"),
        ("password=hunter2,host=db1", "password=***"),
        ("[password=hunter2]", "[password=***]"),
        (r#"<a password="hun ter2">"#, "<a password=***>"),
        ("token: a€b x", "token: ***"),
        ("password=&!hunter2 host", "password=***"),
        ("password=;;hunter2", "password=***"),
        ("password=x&!hunter2 host=db1", "password=*** host=db1"),
        ("password=hun)$ter2 x", "password=***"),
        ("password=x)),hunter2 x", "password=***"),
        ("unexpected token: `(` at line 3: db1 is lost", "unexpected token: *** at line 3: db1 is lost"),
    ]);
}

#[test]
fn quotes_and_brackets_belong_to_their_value() {
    assert_masked(&[
        (r#"Config { host: "db1", password: Some("hunter2") }"#, r#"Config { host: "db1", password: *** }"#),
        (r#"Config { password: Secret { text: "hunter2}" }, port: 1 }"#, "Config { password: ***, port: 1 }"),
        (r#"Login { token: Token("hunter2"), id: 7 }"#, "Login { token: ***, id: 7 }"),
        (r#"{"tokens":["hunter2","hunter3"],"id":7}"#, r#"{"tokens":***,"id":7}"#),
        (r#"{"password":{"value":"hunter2"},"id":7}"#, r#"{"password":***,"id":7}"#),
        (r#"{"password":"a\"hunter2","id":7}"#, r#"{"password":***,"id":7}"#),
        (r#"{"password":"a\\","id":7}"#, r#"{"password":***,"id":7}"#),
        (r#"{\"password\":\"a\\\"hunter2\",\"id\":7}"#, r#"{\"password\":***,\"id\":7}"#),
        (r#"password="hunter2"#, "password=***"),
        ("password: Some(\"hunter2", "password: ***"),
        ("password=(hunter2", "password=***"),
        ("password: &\"hunter2\", x", "password: ***, x"),
        ("password: b\"!hun ter2\", x", "password: ***, x"),
    ]);
}

#[test]
fn a_header_is_secret_to_the_end_of_its_line() {
    assert_masked(&[
        ("Authorization: Bearer abc.def", "Authorization: ***"),
        ("Authorization: Token hunter2\nHost: db1", "Authorization: ***\nHost: db1"),
        ("Proxy-Authorization: Negotiate hunter2", "Proxy-Authorization: ***"),
        (r#"{"authorization": "ApiKey hunter2", "host": "db1"}"#, r#"{"authorization": ***, "host": "db1"}"#),
        (r#"{\"Authorization\":\"Digest hunter2\",\"a\":1}"#, r#"{\"Authorization\":***,\"a\":1}"#),
        ("'Set-Cookie: id=hunter2; Secure' was sent", "'Set-Cookie: ***' was sent"),
        ("curl -H \"Authorization: Basic hunter2\" db1", "curl -H \"Authorization: ***\" db1"),
        ("Authorization: Snowflake Token=\"hunter2\"", "Authorization: ***"),
        ("Cookie: a=1; token=\"hunter2\"\nHost: db1", "Cookie: ***\nHost: db1"),
        ("Authorization: Digest user=\"a\", response=\"hunter2\"", "Authorization: ***"),
        ("authorization: Some(Token { secret: \"hunter2\" }), a: 1", "authorization: ***, a: 1"),
        ("Headers {\n    authorization: Some(\n        \"Basic hunter2\",\n    ),\n}", "Headers {\n    authorization: ***,\n}"),
        (r#"{"authorization":["ApiKey hunter2"],"a":1}"#, r#"{"authorization":***,"a":1}"#),
        ("refused: Bearer hunter2", "refused: Bearer ***"),
    ]);
}

#[test]
fn what_is_no_credential_stays() {
    for text in [
        "the password is wrong",
        "https://example.com/path is down",
        "connection refused",
        "the bearer token is missing",
        "a token is needed:",
        "password=",
        "passed: 12, failed: 1",
        "signal: 9",
        "timed out after 500ms",
        "keyspace 0 not found",
        "password authentication failed for user \"app\"",
        "Access denied for user 'app'@'10.0.0.1' (using password: YES)",
        "foreign key constraint \"orders_customer_fk\" violated",
        "token expired at 12:00",
        "monkey patch failed",
        "tokenizer failed at line 3: unexpected end",
        "author: not found",
        "no such key",
        "no such key: orders",
        "GET http://api:8080/health returned 503",
        "GET http://auth:8080/health returned 503",
        "connect to auth-service:8080: refused",
        "connect to auth:8080, refused",
        "connect to (auth:8080)",
        "auth: connection refused",
        "could not load credentials: file not found",
        "/run/secrets/db_password: Permission denied (os error 13)",
        "missing field `password` at line 1 column 20",
        "unknown field `pwd`, expected one of `password`, `host`",
        "duplicate key value violates unique constraint \"orders_pkey\"",
        "Key (id)=(5) already exists",
        "Unexpected token '<', \"<html>\" is not valid JSON",
        "expected <token>, found `x`",
        "{\"error\":\"invalid_token\",\"error_description\":\"expired\"}",
        "Config { password: None, host: \"db1\" }",
        "Basic authentication failed",
        "authorization failed for user app",
        "mail ops@example.com",
        "too many tokens: 512",
        "partition_key=7",
    ] {
        assert_eq!(mask(text), text);
    }
}

/// A text of the greatest length that is kept takes a moment, and not a time that grows with its square.
#[test]
fn a_long_text_is_looked_at_a_few_times() {
    for piece in ["a", ")", "(", ",a", "\\\"", "token=", "authorization: ", "password=(", "@", "://"] {
        let text = format!("password={}", piece.repeat(65_536 / piece.len()));
        assert!(mask(&text).starts_with("password=***"), "{piece}");
    }
}

const ANY: &str = r#"(password|token|Authorization|://|@|[=:"'\\(){}\[\] ,;&€\n]|[a-z0-9]{1,3}){0,24}"#;

proptest::proptest! {
    #![proptest_config(random::config())]
    /// Whatever its quotes and brackets, a text loses only what is masked, and what follows no key stays.
    #[test]
    fn any_text_can_be_masked(text in ANY, before in "[a-z ]{0,20}") {
        let text = format!("{before}|{text}");
        let masked = mask(&text);
        proptest::prop_assert!(masked.starts_with(&before), "{masked}");
        let mut rest = text.clone();
        for shown in masked.split("***") {
            let at = rest.find(shown);
            proptest::prop_assert!(at.is_some(), "{masked}");
            rest.drain(..at.unwrap() + shown.len());
        }
    }

    #[test]
    fn a_password_in_quotes_never_shows(password in "[A-Za-z0-9]{8,12}", around in r#"[ "'\\(){}\[\],;&]{0,3}"#) {
        let text = format!("password: {:?}, host: db1", format!("{around}{password}{around}"));
        proptest::prop_assert_eq!(mask(&text), "password: ***, host: db1");
    }

    /// Of a word, any sign may be a part, but for what makes the next pair of it.
    #[test]
    fn a_password_never_shows(password in r"[!-9;<>-\[\]-~]{0,4}[A-Za-z0-9]{8,12}", key in "(DB_PASS|password|token|clientSecret|api-key)") {
        let secret = &password[password.len() - 8..];
        for text in [format!("{key}={password} host=db1"), format!("{key}: {password}\nhost=db1"), format!("{key}={password}")] {
            proptest::prop_assert!(!mask(&text).contains(secret), "{}", mask(&text));
        }
    }
}
