//! Settings that make no sense.

use crate::checks::{Tls, TlsBuilder};

fn problems(builder: TlsBuilder) -> String {
    builder.build().expect_err("these settings are refused").to_string()
}

#[test]
fn every_mistake_is_named_with_its_remedy() {
    let host = || Tls::host("shop.example:443");
    let table = [
        (Tls::host("shop.example"), "`address` `shop.example` has no port; write `shop.example:port`"),
        (Tls::host("-:443"), "`address` `-:443` has a host that no certificate names; give a `server_name`"),
        (Tls::pem_file(""), "`pem_file` is empty; give the path of a file"),
        (Tls::pem_file("a.pem").server_name("b"), "`server_name` is given for a file, which is asked for no name; leave it out"),
        (host().server_name(""), "`server_name` `` is no name of a server; write it as in `shop.example`"),
        (host().server_name("a b"), "`server_name` `a b` is no name of a server; write it as in `shop.example`"),
        (host().warn_days(3651), "`warn_days` is 3651; give at most 3650"),
    ];
    for (builder, problem) in table {
        assert_eq!(problems(builder), format!("`Tls` cannot be built; 1 problem:\n  {problem}"));
    }
    assert!(host().warn_days(3650).build().is_ok() && host().warn_days(0).server_name("[::1]").build().is_err());
    assert!(Tls::host("[::1]:443").build().is_ok() && Tls::host("My_Shop.:443").build().is_ok());
}

#[test]
fn all_mistakes_are_named_at_once() {
    assert_eq!(
        problems(Tls::host("https://app:hunter2@shop/").server_name("*").warn_days(9999)),
        "`Tls` cannot be built; 3 problems:
  `address` is more than a host and a port; leave out the scheme, the user and the path, as in `cache.internal:11211`
  `server_name` `*` is no name of a server; write it as in `shop.example`
  `warn_days` is 9999; give at most 3650"
    );
}

#[test]
fn it_shows_what_it_looks_at_and_before_that_nothing_that_may_be_a_secret() {
    assert_eq!(format!("{:?}", Tls::host("https://app:hunter2@shop/")), "TlsBuilder { warn_days: 14, .. }");
    assert_eq!(
        format!("{:?}", Tls::host("shop.example:443").build().unwrap()),
        r#"Tls { source: Host { address: Address { host: "shop.example", port: 443 }, name: DnsName("shop.example") }, warn_days: 14, .. }"#
    );
    let file = Tls::pem_file("tls.crt").warn_days(30).build().unwrap();
    assert_eq!(format!("{file:?}"), r#"Tls { source: File("tls.crt"), warn_days: 30, .. }"#);
}
