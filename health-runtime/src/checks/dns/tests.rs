use super::Dns;
use crate::checks::shared::test_support::summary::{error_chain, summary};
use crate::{Check, Health};

#[tokio::test]
async fn the_number_of_addresses_is_a_detail_and_no_address_is_shown() {
    let dns = Dns::builder("localhost").build().unwrap();
    let found = tokio::net::lookup_host("localhost:0").await.unwrap().map(|address| address.ip());
    let count = found.collect::<std::collections::BTreeSet<_>>().len();
    assert_eq!(summary(&dns.run().await), format!("Up, addresses {count}"));

    let more = Dns::builder("localhost").at_least(count + 1).build().unwrap();
    let plural = if count == 1 { "" } else { "es" };
    let reason = format!("Down: {count} address{plural}, at least {} expected, addresses {count}", count + 1);
    assert_eq!(summary(&more.run().await), reason);
}

#[tokio::test]
async fn a_name_that_does_not_resolve_has_a_reason_without_the_name() {
    // RFC 6761 reserves `.invalid`: the name never resolves.
    let outcome = Dns::builder("missing.invalid").build().unwrap().run().await;
    assert_eq!(summary(&outcome), "Down: name does not resolve");
    let error = error_chain(&outcome);
    assert!(error.starts_with("`missing.invalid` does not resolve: failed to lookup address information: "), "{error}");
}

#[test]
fn build_reports_all_invalid_settings() {
    let both = Dns::builder("redis://:hunter2@cache").at_least(0).build().unwrap_err();
    assert_eq!(
        both.to_string(),
        "`Dns` cannot be built; 2 problems:
  `name` must be a host name; remove the scheme, the user and the path
  `at_least` must be at least 1"
    );
    let invalid = "is not a host name; use letters, digits, `-` and `_`, separated by dots";
    let address = "is already an address; use a name that must be resolved";
    let table = [
        ("", "`name` is empty; use a host name such as `workers.internal`".to_owned()),
        ("10.0.0.1", format!("`name` `10.0.0.1` {address}")),
        ("::1", format!("`name` `::1` {address}")),
        ("[::1]", format!("`name` `[::1]` {address}")),
        ("workers:80", "`name` `workers:80` has a port; remove it".to_owned()),
        ("two words", format!("`name` `two words` {invalid}")),
        ("a..b", format!("`name` `a..b` {invalid}")),
        ("300.1.1.1", format!("`name` `300.1.1.1` {invalid}")),
        ("bücher.example", format!("`name` `bücher.example` {invalid}")),
    ];
    for (name, problem) in table {
        let error = Dns::builder(name).build().unwrap_err();
        assert_eq!(error.to_string(), format!("`Dns` cannot be built; 1 problem:\n  {problem}"));
    }
}

#[tokio::test]
async fn a_liveness_check_is_rejected() {
    let dns = Dns::builder("localhost").build().unwrap();
    let error = Health::builder().linked_checks(false).check(Check::liveness("dns", dns)).start().unwrap_err();
    assert!(error.to_string().contains("health check `dns`") && error.to_string().contains("liveness"), "{error}");
}

#[test]
fn debug_output_shows_no_url() {
    let builder = Dns::builder("redis://:hunter2@cache");
    assert_eq!(format!("{builder:?}"), "DnsBuilder { at_least: 1, .. }");
    let dns = Dns::builder("localhost").build().unwrap();
    assert_eq!(format!("{dns:?}"), r#"Dns { name: "localhost", at_least: 1, .. }"#);
}
