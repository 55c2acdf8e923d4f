//! What is found in files.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::{env, fs, process};

use super::Made;
use crate::checks::Tls;
use crate::checks::shared::test_support::server::{chain, told};

/// A file that is gone when this is dropped.
struct Temporary(PathBuf);

impl Temporary {
    fn holding(content: impl AsRef<[u8]>) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = env::temp_dir().join(format!("health-runtime-{}-{number}.pem", process::id()));
        fs::write(&path, content).unwrap();
        Self(path)
    }

    fn check(&self) -> Tls {
        Tls::pem_file(&self.0).build().unwrap()
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

#[tokio::test]
async fn the_earliest_end_in_the_file_counts_and_keys_are_passed_over() {
    let [leaf, intermediate] = [90, 5].map(Made::ending_in);
    let key = leaf.key.serialize_pem();
    // As openssl writes one that is encrypted, and what looks like one and is none.
    let sealed = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nnot b64\n-----END RSA PRIVATE KEY-----\n";
    let table = [
        (leaf.pem(), "Up, days_left 90"),
        (key.clone() + &leaf.pem(), "Up, days_left 90"),
        (format!("{key}{}{}", leaf.pem(), intermediate.pem()), "Degraded: certificate ends in 5 days, days_left 5"),
        (format!("{}{sealed}{}", intermediate.pem(), leaf.pem()), "Degraded: certificate ends in 5 days, days_left 5"),
        (format!("# ours, renewed by hand\n{}", leaf.pem().replace('\n', "\r\n")), "Up, days_left 90"),
    ];
    for (content, expected) in table {
        assert_eq!(told(&Temporary::holding(&content).check().run().await), expected, "{content}");
    }
}

#[tokio::test]
async fn a_file_that_was_renewed_counts_at_once() {
    let file = Temporary::holding(Made::ending_in(3).pem());
    let check = file.check();
    assert_eq!(told(&check.run().await), "Degraded: certificate ends in 3 days, days_left 3");
    fs::write(&file.0, Made::ending_in(90).pem()).unwrap();
    assert_eq!(told(&check.run().await), "Up, days_left 90");
    fs::remove_file(&file.0).unwrap();
    assert_eq!(told(&check.run().await), "Down: entity not found");
}

#[tokio::test]
async fn a_file_without_a_certificate_is_down_and_says_so() {
    let made = Made::ending_in(90);
    for content in ["", "garbage", "\u{0}\u{1}", &made.key.serialize_pem()] {
        assert_eq!(told(&Temporary::holding(content).check().run().await), "Down: there is no certificate", "{content}");
    }
    let der = Temporary::holding(made.der());
    assert_eq!(told(&der.check().run().await), "Down: there is no certificate");
}

#[tokio::test]
async fn what_is_no_certificate_is_down_and_the_log_says_why() {
    let pem = Made::ending_in(90).pem();
    let whole = pem.trim_end();
    let cut = whole.strip_suffix("-----END CERTIFICATE-----").unwrap();
    let table = [
        (cut.to_owned(), "section end"),
        (whole.replacen('M', "!", 1), "base64"),
        ("-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n".to_owned(), "ASN.1"),
        (format!("{pem}{cut}"), "section end"),
    ];
    for (content, why) in table {
        let outcome = Temporary::holding(&content).check().run().await;
        assert_eq!(told(&outcome), "Down: certificate cannot be read", "{content}");
        assert!(chain(&outcome).contains(why), "{}", chain(&outcome));
    }
}

#[tokio::test]
async fn a_file_of_more_than_a_mebibyte_is_not_read() {
    let filled = |size: usize| {
        let pem = Made::ending_in(90).pem();
        " ".repeat(size - pem.len() - 1) + "\n" + &pem
    };
    let largest = Temporary::holding(filled(1 << 20));
    assert_eq!(told(&largest.check().run().await), "Up, days_left 90");
    let too_large = Temporary::holding(filled((1 << 20) + 1));
    assert_eq!(told(&too_large.check().run().await), "Down: file too large");
}
