//! No output shows anything that may be a secret.

use crate::checks::Http;
use crate::checks::shared::test_support::server::UNUSED_ADDRESS;
use crate::checks::shared::test_support::summary::{error_chain, summary};
use crate::{Check, Health, Kind};

#[tokio::test]
async fn no_error_shows_credentials_query_or_headers() {
    let url = format!("http://app:hunter2@{UNUSED_ADDRESS}/v1/health?key=s3cret");
    let builder = Http::get(url).header("x-api-key", "t0ken");
    let shown = format!("{builder:?}");
    assert_eq!(shown, "HttpBuilder { method: GET, .. }");
    let http = builder.build().unwrap();
    let shown = format!("{http:?}");
    assert!(shown.starts_with("Http { request: GET http://127.0.0.1:") && shown.ends_with("/v1/health, .. }"), "{shown}");
    let outcome = http.run().await;
    assert_eq!(summary(&outcome), "Down: connection refused");
    let health = Health::builder().linked_checks(false).check(Check::readiness("api", http)).start().unwrap();
    let report = health.report(Kind::Readiness).await;
    let full = report.check("api").unwrap().full_error().unwrap().to_owned();
    for text in [shown, error_chain(&outcome), format!("{outcome:?}"), full] {
        assert!(!["app", "hunter2", "s3cret", "t0ken"].iter().any(|secret| text.contains(secret)), "{text}");
    }
}
