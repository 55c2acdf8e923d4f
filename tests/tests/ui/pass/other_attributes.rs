#![deny(warnings)]

use health_runtime::health_check;

#[deprecated]
#[health_check(readiness)]
async fn deprecated() {}

#[health_check(readiness)]
#[deprecated(since = "1.0.0", note = "asks too much")]
fn deprecated_below() {}

#[derive(Clone)]
#[deprecated]
struct Old;

#[health_check(readiness)]
#[expect(deprecated)]
async fn takes_what_is_deprecated(old: &Old) -> Result<(), &'static str> {
    drop(old.clone());
    Ok(())
}

#[health_check(readiness)]
#[expect(non_snake_case)]
async fn NotSnakeCase() {}

#[health_check(readiness)]
#[cold]
#[track_caller]
#[inline(never)]
#[doc(alias = "db")]
fn marked() {}

fn main() {}
