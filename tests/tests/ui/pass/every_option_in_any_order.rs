#![deny(warnings)]

use std::time::Duration;

use health_runtime::__private::{Descriptor, inventory};
use health_runtime::{Kind, health_check};

#[health_check(
    success_threshold = 2,
    startup,
    tags = ["storage", "sql",],
    timeout = "1s500ms",
    crate = ::health_runtime,
    liveness,
    description = "said here",
    cache = "0s",
    critical = true,
    name = "first",
    failure_threshold = 3,
    readiness,
)]
/// Not said here.
async fn every_option() {}

#[health_check(readiness, interval = "1m", critical = false, timeout = r"1h", name = r#"second"#)]
async fn in_the_background() {}

#[health_check(readiness)]
async fn usual() {}

fn main() {
    let mut checks: Vec<&Descriptor> = inventory::iter::<Descriptor>().collect();
    checks.sort_by_key(|check| check.name);
    let [first, second, usual] = checks[..] else { panic!("{} checks", checks.len()) };

    assert_eq!(first.name, "first");
    assert_eq!(first.kinds, [Kind::Liveness, Kind::Readiness, Kind::Startup]);
    assert_eq!((first.timeout, first.cache, first.interval), (Duration::from_millis(1500), Duration::ZERO, None));
    assert_eq!((first.critical, first.failure_threshold, first.success_threshold), (true, 3, 2));
    assert_eq!((first.tags, first.description), (&["storage", "sql"][..], Some("said here")));

    assert_eq!(second.name, "second");
    assert_eq!((second.timeout, second.interval), (Duration::from_secs(3600), Some(Duration::from_secs(60))));
    assert!(!second.critical);

    assert_eq!((usual.name, usual.kinds), ("usual", &[Kind::Readiness][..]));
    assert_eq!((usual.timeout, usual.cache, usual.interval), (Duration::from_millis(750), Duration::from_secs(1), None));
    assert_eq!((usual.critical, usual.failure_threshold, usual.success_threshold), (true, 1, 1));
    assert_eq!((usual.tags, usual.description), (&[][..], None));
}
