//! Random secrets in every form. No four bytes of a secret may be shown.
//!
//! `PROPTEST_RNG_SEED=7 PROPTEST_CASES=1000` searches further.

use proptest::prelude::*;
use proptest::string::string_regex;

use super::mask;

/// A secret with the signs of `inner` between its letters. The first and the last four characters are letters and digits, so that
/// the four bytes at either end do not occur in the text around it.
fn secret(inner: &str) -> impl Strategy<Value = String> {
    string_regex(&format!("[A-Za-z0-9]{{4}}[A-Za-z0-9{inner}-]{{0,12}}[A-Za-z0-9]{{4}}")).unwrap()
}

/// Every printable sign but for quotes and backslashes.
const SIGNS: &str = r"!#$%&()*+,./:;<=>?@\[\]^_{|}~";

const KEYS: &str = "(password|DB_PASS_RO|api_key|X-Functions-Key|clientSecret|PGPASSWORD|tokens|session_id|_auth|hmac-key)";

/// What is around a form. Each part on its own leaves the form intact.
const BEFORE: [&str; 8] = ["", "cannot connect: ", "lost (", "[warn] ", "a=1, ", "at 12:00:00\n", "check \"db1\" failed: ", "— "];
const AFTER: [&str; 6] = ["", "\nretried 3 times", ": refused", " at db1", ")", ", x: 1"];

fn assert_not_shown(text: &str, secret: &str) -> Result<(), TestCaseError> {
    let masked = mask(text);
    let is_shown = secret.as_bytes().windows(4).any(|part| {
        let part = std::str::from_utf8(part).unwrap();
        part.bytes().all(|byte| byte.is_ascii_alphanumeric()) && masked.contains(part) && !text.replace(secret, "").contains(part)
    });
    prop_assert!(!is_shown, "{:?} became {:?}", text, masked);
    Ok(())
}

fn assert_never_shown(forms: &[String], secret: &str) -> Result<(), TestCaseError> {
    for form in forms {
        for before in BEFORE {
            for after in AFTER {
                assert_not_shown(&format!("{before}{form}{after}"), secret)?;
            }
        }
    }
    Ok(())
}

/// The environment overrides the number of cases.
pub(super) fn config() -> ProptestConfig {
    let is_searching = std::env::var_os("PROPTEST_CASES").is_some();
    if is_searching { ProptestConfig::default() } else { ProptestConfig::with_cases(64) }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_word_never_shows(key in KEYS, secret in secret(SIGNS)) {
        assert_never_shown(&[
            format!("{key}={secret}"),
            format!("{key}: {secret}"),
            format!("{key} := {secret}"),
            format!("{key} => {secret}"),
            format!("{key}%3d{secret}"),
            format!("app --{key} {secret}"),
            format!("app --{key}={secret}"),
            format!("host=db1 {key}={secret}"),
            format!("config[{key}]={secret}"),
            format!("config[\"{key}\"] = {secret}"),
        ], &secret)?;
    }

    #[test]
    fn a_text_in_quotes_never_shows(key in KEYS, secret in secret(&format!("{SIGNS} "))) {
        let json = format!("{{\"{key}\":\"{secret}\",\"id\":7}}");
        let twice = serde_json::to_string(&json).unwrap();
        assert_never_shown(&[
            format!("{key}=\"{secret}\""),
            format!("{key}: '{secret}'"),
            format!("{key} = `{secret}`"),
            format!("{key}: \u{201c}{secret}\u{201d}"),
            format!("{key}: \u{ab}{secret}\u{bb}"),
            format!("{key} = '''{secret}'''"),
            format!("{key} = \"\"\"{secret}\"\"\""),
            format!("{{'{key}': u'{secret}'}}"),
            format!("('{key}', b'{secret}')"),
            format!("[\"app\", \"--{key}\", \"{secret}\"]"),
            format!("{{\"name\":\"{key}\",\"value\":\"{secret}\"}}"),
            format!("Config {{ {key}: Some(Secret(\"{secret}\")), port: 1 }}"),
            format!("Config {{ {key}: {:?} }}", Some([&secret])),
            format!("<add key=\"{key}\" value=\"{secret}\"/>"),
            serde_json::to_string(&twice).unwrap(),
            twice,
            json,
        ], &secret)?;
    }

    #[test]
    fn an_escaped_text_never_shows(key in KEYS, secret in secret(&format!("{SIGNS}\"'\\\\\\\\ "))) {
        let json = serde_json::to_string(&[("id", "7"), (&key, &secret)]).unwrap();
        let twice = serde_json::to_string(&json).unwrap();
        let debug = format!("Config {{ {key}: Some({secret:?}), port: 1 }}");
        for text in [json, twice.clone(), serde_json::to_string(&twice).unwrap(), format!("{debug:?}"), debug] {
            let masked = mask(&text);
            prop_assert!(!masked.contains(&secret[..4]) && !masked.contains(&secret[secret.len() - 4..]), "{} became {}", text, masked);
        }
    }

    #[test]
    fn a_raw_string_never_shows(key in KEYS, secret in secret(&format!("{SIGNS}\"' "))) {
        let secret = secret.replace("\"#", "#");
        assert_never_shown(&[format!("{key}: r#\"{secret}\"#"), format!("{key} = Some(br##\"{secret}\"##)")], &secret)?;
    }

    #[test]
    fn a_line_never_shows(key in "(password|DB_PASS|X-Api-Key|Authorization|Set-Cookie)", secret in secret(&format!("{SIGNS}\"' "))) {
        for text in [
            format!("{key}: {secret}\nhost: db1"),
            format!("db:\n  {key}: |\n    {secret}\n  host: db1"),
            format!("db:\n  {key}:\n  - {secret}\n  - x\nhost: db1"),
            format!("{key}: &anchor {secret}\nhost: db1"),
            format!("{key}: x\r\n {secret}\r\nhost: db1"),
        ] {
            assert_not_shown(&text, &secret)?;
            // A bracket that is not closed hides the rest of the text.
            prop_assert!(secret.contains(['(', '[', '{']) || mask(&text).ends_with("host: db1"), "{}", mask(&text));
        }
    }

    #[test]
    fn a_connection_string_never_shows(secret in secret("!#$%&()*+,./:<>?@^_|~ ")) {
        assert_never_shown(&[
            format!("Server=db1;Password={secret};Database=x"),
            format!("jdbc:sqlserver://db1:1433;user=app;password={secret};encrypt=true"),
            format!("Server=db1;PWD={{{secret}}};Database=x"),
        ], &secret)?;
    }

    #[test]
    fn a_url_never_shows(secret in secret("!$%&()*+,.:;<=>?@\\[\\]^_{|}~ /-")) {
        // Digits would be a port.
        let secret = format!("x{}", secret.replace(":/", "/"));
        assert_never_shown(&[
            format!("postgres://app:{secret}@db1/orders"),
            format!("postgres:\\/\\/app:{secret}@db1\\/orders"),
            format!("\"redis://:{secret}@cache:6379/0\""),
        ], &secret)?;
    }

    #[test]
    fn a_query_never_shows(secret in secret("!$%()*+,.:;<>^_{|}~")) {
        assert_never_shown(&[
            format!("https://h/?a=1&password={secret}&b=2"),
            format!("https://h/?sig={secret}&b=2"),
            format!("https://h/?X-Amz-Signature={secret}"),
        ], &secret)?;
    }

    #[test]
    fn markup_never_shows(key in KEYS, secret in secret("!#$%()*+,./:;=?@\\[\\]^_{|}~\"' ")) {
        assert_never_shown(&[
            format!("<{key}>{secret}</{key}>"),
            format!("<ns:{key} type=\"x\">{secret}</ns:{key}>"),
            format!("&lt;{key}&gt;{secret}&lt;/{key}&gt;"),
            format!("<entry key=\"{key}\">{secret}</entry>"),
        ], &secret)?;
    }

    #[test]
    fn a_credential_without_a_key_never_shows(secret in secret("._~+/=")) {
        assert_never_shown(&[
            format!("Bearer {secret}"),
            format!("Bearer \"{secret}\""),
            format!("Authorization Basic {secret}"),
            format!("-----BEGIN EC PRIVATE KEY-----\n{secret}\n-----END EC PRIVATE KEY-----"),
            format!("app:{secret}@tcp(db1:3306)/x"),
        ], &secret)?;
    }
}
