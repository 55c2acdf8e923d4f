//! This project in a program, or nothing.

/// Builds checks, starts a `Health` and runs each check once. Panics if one of them does not behave.
#[cfg(feature = "on")]
pub fn start(redis_url: &str) {
    use health_runtime::checks::{Dns, Http, Memcached, Redis, Tcp, Tls};
    use health_runtime::{Check, Health, Outcome, Scope};

    // A port that nothing listens at.
    const NOWHERE: &str = "127.0.0.1:1";
    let mut checks = vec![
        Check::readiness("http", Http::get(format!("http://{NOWHERE}/")).build().expect("a check of http")),
        Check::readiness("memcached", Memcached::builder(NOWHERE).build().expect("a check of memcached")),
        Check::readiness("tcp", Tcp::builder(NOWHERE).build().expect("a check of a port")),
        Check::readiness(
            "redis",
            Redis::builder(redis::Client::open(redis_url).expect("a client")).build().expect("a check of Redis"),
        ),
    ];
    match Http::get(format!("https://{NOWHERE}/")).build() {
        Ok(https) => checks.push(Check::readiness("https", https)),
        Err(error) => assert!(error.to_string().contains("this program has no TLS provider; install one"), "{error}"),
    }
    match Tls::host(NOWHERE).build() {
        Ok(tls) => checks.push(Check::readiness("tls", tls)),
        Err(error) => assert!(error.to_string().contains("this program has no TLS provider; install one"), "{error}"),
    }
    let dns = Check::readiness("dns", Dns::builder("localhost").build().expect("a check of a name"));
    // serde_json is the program's too, with any feature.
    let details = Check::readiness("details", async || Outcome::up().with("z", 1.50).with("big", u64::MAX).with("a", "text"));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let mut builder = Health::builder().linked_checks(false).check(dns).check(details);
        for check in checks {
            builder = builder.check(check);
        }
        let report = builder.start().expect("a health").report(Scope::All).await;
        let body = serde_json::to_string(&*report).expect("a body");
        assert!(body.contains(r#","z":1.5,"big":18446744073709551615,"a":"text"}"#), "{body}");
        for check in report.checks() {
            let expected: &[Option<&str>] = match check.name() {
                "dns" | "details" => &[None],
                // A server that has no Redis and no TLS.
                "redis" => {
                    &[Some("connection refused"), Some("invalid data"), Some("check failed"), Some("unexpected end of file")]
                }
                _ => &[Some("connection refused")],
            };
            assert!(expected.contains(&check.error()), "{check:?}");
            eprintln!("{}: {:?}", check.name(), check.error());
        }
    });
}

#[cfg(not(feature = "on"))]
pub fn start(_redis_url: &str) {}
