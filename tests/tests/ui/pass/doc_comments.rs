#![deny(warnings)]

use health_runtime::__private::{Descriptor, inventory};
use health_runtime::health_check;

/// The orders database
/// answers a trivial query.
///
/// Not this.
#[health_check(readiness)]
async fn above() {}

#[health_check(readiness)]
/// Below.
async fn below() {}

/**
 * In a block.
 *
 * Not this.
 */
#[health_check(readiness)]
async fn block() {}

#[health_check(readiness)]
async fn none() {}

#[doc(hidden)]
#[doc = concat!("not ", "read")]
#[health_check(readiness)]
async fn not_literal() {}

fn main() {
    let mut found: Vec<_> = inventory::iter::<Descriptor>().map(|check| (check.name, check.description)).collect();
    found.sort_unstable();
    let expected = [
        ("above", Some("The orders database answers a trivial query.")),
        ("below", Some("Below.")),
        ("block", Some("In a block.")),
        ("none", None),
        ("not_literal", None),
    ];
    assert_eq!(found, expected);
}
