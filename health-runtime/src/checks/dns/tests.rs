use super::Dns;
use crate::checks::shared::test_support::server::{chain, told};
use crate::{Check, Health};

#[tokio::test]
async fn it_counts_addresses_and_shows_none() {
    let dns = Dns::builder("localhost").build().unwrap();
    let found = tokio::net::lookup_host("localhost:0").await.unwrap().map(|address| address.ip());
    let count = found.collect::<std::collections::BTreeSet<_>>().len();
    assert_eq!(told(&dns.run().await), format!("Up, addresses {count}"));

    let more = Dns::builder("localhost").at_least(count + 1).build().unwrap();
    let plural = if count == 1 { "" } else { "es" };
    let reason = format!("Down: {count} address{plural}, at least {} expected, addresses {count}", count + 1);
    assert_eq!(told(&more.run().await), reason);
}

#[tokio::test]
async fn a_name_that_does_not_resolve_is_down_and_says_so() {
    // RFC 6761: never a name of anything.
    let outcome = Dns::builder("nobody.invalid").build().unwrap().run().await;
    assert_eq!(told(&outcome), "Down: name does not resolve");
    let chain = chain(&outcome);
    assert!(chain.starts_with("`nobody.invalid` does not resolve: failed to lookup address information: "), "{chain}");
}

#[test]
fn nonsense_is_refused_all_at_once() {
    let both = Dns::builder("redis://:hunter2@cache").at_least(0).build().unwrap_err();
    assert_eq!(
        both.to_string(),
        "`Dns` cannot be built; 2 problems:
  `name` is more than the name of a host; leave out the scheme, the user and the path
  `at_least` is 0, which every name has; leave it out for 1"
    );
    let no_name = "is no name of a host; write letters, digits, `-` and `_`, with dots between";
    let already = "is an address already; write a name that has to be resolved";
    let table = [
        ("", "`name` is empty; write the name of a host, as in `workers.internal`".to_owned()),
        ("10.0.0.1", format!("`name` `10.0.0.1` {already}")),
        ("::1", format!("`name` `::1` {already}")),
        ("[::1]", format!("`name` `[::1]` {already}")),
        ("workers:80", "`name` `workers:80` has a port; leave it out".to_owned()),
        ("two words", format!("`name` `two words` {no_name}")),
        ("a..b", format!("`name` `a..b` {no_name}")),
        ("300.1.1.1", format!("`name` `300.1.1.1` {no_name}")),
        ("bücher.example", format!("`name` `bücher.example` {no_name}")),
    ];
    for (name, mistake) in table {
        let error = Dns::builder(name).build().unwrap_err();
        assert_eq!(error.to_string(), format!("`Dns` cannot be built; 1 problem:\n  {mistake}"));
    }
}

#[tokio::test]
async fn it_is_no_check_of_liveness() {
    let dns = Dns::builder("localhost").build().unwrap();
    let error = Health::builder().linked_checks(false).check(Check::liveness("dns", dns)).start().unwrap_err();
    assert!(error.to_string().contains("health check `dns`") && error.to_string().contains("liveness"), "{error}");
}

#[test]
fn a_debug_form_shows_no_url() {
    let builder = Dns::builder("redis://:hunter2@cache");
    assert_eq!(format!("{builder:?}"), "DnsBuilder { at_least: 1, .. }");
    let dns = Dns::builder("localhost").build().unwrap();
    assert_eq!(format!("{dns:?}"), r#"Dns { name: "localhost", at_least: 1, .. }"#);
}
