//! Certificates in files.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::{env, fs, process};

use super::TestCertificate;
use crate::checks::Tls;
use crate::checks::shared::test_support::summary::{error_chain, summary};

/// A file that is deleted on drop.
struct TempFile(PathBuf);

impl TempFile {
    fn with_content(content: impl AsRef<[u8]>) -> Self {
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

impl Drop for TempFile {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

#[tokio::test]
async fn keys_are_ignored_and_extra_certificates_degrade() {
    let [leaf, extra] = [90, 5].map(TestCertificate::ending_in);
    let key = leaf.key.serialize_pem();
    // A key in the format of an encrypted key of openssl, with invalid content.
    let encrypted_key = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nnot b64\n-----END RSA PRIVATE KEY-----\n";
    let table = [
        (leaf.pem(), "Up, days_left 90"),
        (key.clone() + &leaf.pem(), "Up, days_left 90"),
        (format!("{key}{}{}", leaf.pem(), extra.pem()), "Degraded: an extra certificate ends in 5 days, days_left 90"),
        (format!("{}{encrypted_key}{}", extra.pem(), leaf.pem()), "Degraded: certificate ends in 5 days, days_left 5"),
        (format!("# renewed by hand\n{}", leaf.pem().replace('\n', "\r\n")), "Up, days_left 90"),
    ];
    for (content, expected) in table {
        assert_eq!(summary(&TempFile::with_content(&content).check().run().await), expected, "{content}");
    }
}

#[tokio::test]
async fn a_renewed_file_counts_in_the_next_run() {
    let file = TempFile::with_content(TestCertificate::ending_in(3).pem());
    let check = file.check();
    assert_eq!(summary(&check.run().await), "Degraded: certificate ends in 3 days, days_left 3");
    fs::write(&file.0, TestCertificate::ending_in(90).pem()).unwrap();
    assert_eq!(summary(&check.run().await), "Up, days_left 90");
    fs::remove_file(&file.0).unwrap();
    assert_eq!(summary(&check.run().await), "Down: entity not found");
}

#[tokio::test]
async fn a_file_without_a_certificate_is_down_with_its_own_reason() {
    let certificate = TestCertificate::ending_in(90);
    for content in ["", "garbage", "\u{0}\u{1}", &certificate.key.serialize_pem()] {
        assert_eq!(summary(&TempFile::with_content(content).check().run().await), "Down: there is no certificate", "{content}");
    }
    let der = TempFile::with_content(certificate.der());
    assert_eq!(summary(&der.check().run().await), "Down: there is no certificate");
}

#[tokio::test]
async fn a_malformed_certificate_is_down_and_the_error_has_the_cause() {
    let pem = TestCertificate::ending_in(90).pem();
    let trimmed = pem.trim_end();
    let cut = trimmed.strip_suffix("-----END CERTIFICATE-----").unwrap();
    let table = [
        (cut.to_owned(), "section end"),
        (trimmed.replacen('M', "!", 1), "base64"),
        ("-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n".to_owned(), "ASN.1"),
        (format!("{pem}{cut}"), "section end"),
    ];
    for (content, cause) in table {
        let outcome = TempFile::with_content(&content).check().run().await;
        assert_eq!(summary(&outcome), "Down: certificate cannot be read", "{content}");
        assert!(error_chain(&outcome).contains(cause), "{}", error_chain(&outcome));
    }
}

#[tokio::test]
async fn a_file_of_more_than_a_mebibyte_is_rejected() {
    let filled = |size: usize| {
        let pem = TestCertificate::ending_in(90).pem();
        " ".repeat(size - pem.len() - 1) + "\n" + &pem
    };
    let largest = TempFile::with_content(filled(1 << 20));
    assert_eq!(summary(&largest.check().run().await), "Up, days_left 90");
    let too_large = TempFile::with_content(filled((1 << 20) + 1));
    assert_eq!(summary(&too_large.check().run().await), "Down: file too large");
}
