// Fragments of a `macro_rules!` come in invisible groups.
#![deny(warnings)]

use health_runtime::__private::{Descriptor, inventory};
use std::time::Duration;

mod deps {
    pub(crate) use health_runtime as vitals;
}

macro_rules! check {
    ($(#[$meta:meta])* $vis:vis $function:ident, $kind:ident, $name:literal, $timeout:literal, $critical:literal, $threshold:expr,
     [$($tag:literal),*], $runtime:path, $argument:ty => $returned:ty, $body:expr) => {
        $(#[$meta])*
        #[health_runtime::health_check(
            $kind, name = $name, timeout = $timeout, critical = $critical, failure_threshold = $threshold, tags = [$($tag),*], crate = $runtime
        )]
        $vis async fn $function(argument: $argument) -> $returned {
            let _ = argument;
            $body
        }
    };
}

check!(
    /// The orders database answers.
    pub(crate) orders, readiness, "orders-db", "1m30s", false, 3, ["storage", "sql"], crate::deps::vitals, &String => Result<(), String>, Ok(())
);

macro_rules! arguments {
    ($($argument:tt)*) => {
        #[health_runtime::health_check($($argument)*)]
        async fn passed_on() {}
    };
}

arguments!(startup, name = "passed", timeout = "2s");

macro_rules! described {
    ($doc:expr) => {
        #[doc = $doc]
        #[health_runtime::health_check(startup)]
        fn described() {}
    };
}

described!("From a macro.");

macro_rules! runtime_of_this_crate {
    () => {
        #[health_runtime::health_check(startup, crate = $crate::deps::vitals)]
        fn dollar_crate() {}
    };
}

runtime_of_this_crate!();

fn main() {
    drop(orders(&String::new()));
    let mut checks: Vec<&Descriptor> = inventory::iter::<Descriptor>().collect();
    checks.sort_by_key(|check| check.name);
    let names: Vec<&str> = checks.iter().map(|check| check.name).collect();
    assert_eq!(names, ["described", "dollar_crate", "orders-db", "passed"]);
    assert_eq!(checks[0].description, Some("From a macro."));
    assert_eq!(checks[2].description, Some("The orders database answers."));
    assert_eq!(checks[2].timeout, Duration::from_secs(90));
    assert_eq!((checks[2].critical, checks[2].failure_threshold, checks[2].tags), (false, 3, &["storage", "sql"][..]));
    assert_eq!(checks[3].timeout, Duration::from_secs(2));
}
