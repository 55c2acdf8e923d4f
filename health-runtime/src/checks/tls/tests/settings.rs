//! Invalid settings.

use crate::checks::{Tls, TlsBuilder};

fn problems(builder: TlsBuilder) -> String {
    builder.build().expect_err("invalid settings").to_string()
}

#[test]
fn every_invalid_setting_is_a_problem_with_a_remedy() {
    let host = || Tls::host("shop.example:443");
    let table = [
        (Tls::host("shop.example"), "`address` `shop.example` has no port; use `shop.example:port`"),
        (Tls::host("-:443"), "`address` `-:443` has a host that is not a server name; set `server_name`"),
        (Tls::pem_file(""), "`pem_file` is empty; use the path of a file"),
        (Tls::pem_file("a.pem").server_name("b"), "`server_name` has no effect on a file; remove it"),
        (host().server_name(""), "`server_name` `` is not a server name; use a name such as `shop.example`"),
        (host().server_name("a b"), "`server_name` `a b` is not a server name; use a name such as `shop.example`"),
        (host().warn_days(3651), "`warn_days` is 3651; the maximum is 3650"),
    ];
    for (builder, problem) in table {
        assert_eq!(problems(builder), format!("`Tls` cannot be built; 1 problem:\n  {problem}"));
    }
    assert!(host().warn_days(3650).build().is_ok() && host().warn_days(0).server_name("[::1]").build().is_err());
    assert!(Tls::host("[::1]:443").build().is_ok() && Tls::host("My_Shop.:443").build().is_ok());
}

#[test]
fn build_reports_all_invalid_settings() {
    assert_eq!(
        problems(Tls::host("https://app:hunter2@shop/").server_name("*").warn_days(9999)),
        "`Tls` cannot be built; 3 problems:
  `address` must be `host:port`; remove the scheme, the user and the path, as in `cache.internal:11211`
  `server_name` `*` is not a server name; use a name such as `shop.example`
  `warn_days` is 9999; the maximum is 3650"
    );
}

#[test]
fn debug_output_shows_the_source_only_after_validation() {
    assert_eq!(format!("{:?}", Tls::host("https://app:hunter2@shop/")), "TlsBuilder { warn_days: 14, .. }");
    assert_eq!(
        format!("{:?}", Tls::host("shop.example:443").build().unwrap()),
        r#"Tls { source: Host { address: HostPort { host: "shop.example", port: 443 }, name: DnsName("shop.example"), .. }, warn_days: 14, .. }"#
    );
    let file = Tls::pem_file("tls.crt").warn_days(30).build().unwrap();
    assert_eq!(format!("{file:?}"), r#"Tls { source: File("tls.crt"), warn_days: 30, .. }"#);
}
