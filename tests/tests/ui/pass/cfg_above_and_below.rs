// What is configured away is not registered, and leaves nothing behind that could fail.
#![deny(warnings)]

use health_runtime::__private::{Descriptor, inventory};
use health_runtime::health_check;

#[cfg(all())]
#[health_check(readiness)]
async fn above() {}

#[health_check(readiness)]
#[cfg(all())]
async fn below() {}

#[health_check(readiness)]
#[cfg_attr(all(), cfg(all()), inline)]
async fn conditional() {}

#[cfg(any())]
#[health_check(readiness)]
async fn not_above(missing: &Missing) {}

#[health_check(readiness)]
#[cfg(any())]
async fn not_below(missing: &Missing) {}

#[health_check(readiness)]
#[cfg_attr(all(), cfg(any()))]
async fn not_conditional(missing: &Missing) {}

#[cfg_attr(all(), health_check(readiness))]
async fn attribute_itself() {}

#[cfg_attr(any(), health_check(readiness))]
fn not_the_attribute(unregistered: u8) -> u8 {
    unregistered
}

#[health_check(readiness, name = "either")]
#[cfg(unix)]
async fn either() {}

#[health_check(readiness, name = "either")]
#[cfg(not(unix))]
async fn either() {}

fn main() {
    let mut names: Vec<&str> = inventory::iter::<Descriptor>().map(|check| check.name).collect();
    names.sort_unstable();
    assert_eq!(names, ["above", "attribute_itself", "below", "conditional", "either"]);
    assert_eq!(not_the_attribute(5), 5);
}
