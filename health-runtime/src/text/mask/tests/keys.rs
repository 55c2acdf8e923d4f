//! The words that name a credential.

use super::super::keys::{KeyKind, classify};
use super::super::trigger::has_trigger;

#[test]
fn parts_of_words_name_credentials() {
    for word in [
        "DBPASS",
        "PGPASS",
        "mysqlpass",
        "userpass",
        "DB_PASS_1",
        "DB_PASS_RO",
        "dbPass",
        "pass2",
        "PGPASSWORD",
        "passwd",
        "pw",
        "dbpw",
        "_auth",
        "auth",
        "auths",
        "x-auth",
        "oauth2",
        "sig",
        "X-Amz-Signature",
        "x-functions-key",
        "STRIPE_KEY",
        "license_key",
        "hmac_key",
        "JWTKey",
        "SECRET_KEY_BASE",
        "JSESSIONID",
        "PHPSESSID",
        "session_id",
        "authkey",
        "sasToken",
        "AccountKey",
        "clientSecret",
        "pass-phrase",
        "Ocp-Apim-Subscription-Key",
        "primaryKey",
        "sshPrivateKeyFile",
        "keys",
        "aws_access_key_id",
        "tokens",
        "db.password",
        "Set-Cookie",
        "Proxy-Authorization",
        "authentication",
        "pincode_pin",
    ] {
        assert!(classify(word.as_bytes(), b"").is_some(), "{word}");
        assert!(has_trigger(format!("{word}=x").as_bytes()), "{word}");
    }
    for (previous, word) in [("API", "key"), ("session", "ID"), ("pass", "phrase"), ("private", "keys")] {
        let key = classify(word.as_bytes(), previous.as_bytes());
        assert!(key.is_some_and(|key| key.kind == KeyKind::Secret), "{previous} {word}");
    }
}

#[test]
fn other_words_name_no_credential() {
    for word in [
        "",
        "host",
        "passed",
        "passive",
        "passing",
        "bypass",
        "compass",
        "monkey",
        "keyspace",
        "keyboard",
        "author",
        "Authority",
        "authorized",
        "unauthenticated",
        "tokenizer",
        "tokenized",
        "signal",
        "design",
        "assign",
        "sessions",
        "foreign_key",
        "publicKey",
        "partition-key",
        "spin",
        "id",
        "phrase",
        "user",
        "database",
        "secre",
    ] {
        assert_eq!(classify(word.as_bytes(), b""), None, "{word}");
    }
    assert!(classify(b"key", b"such").is_some_and(|key| key.kind == KeyKind::Bare));
    assert!(classify(b"key", b"foreign").is_none());
}

#[test]
fn the_end_of_a_long_word_is_examined() {
    let word = format!("{}_password", "A".repeat(1000));
    assert!(classify(word.as_bytes(), b"").is_some());
}
