#![deny(warnings)]

use health_runtime::__private::{Descriptor, inventory};
use health_runtime::health_check;

#[health_check(readiness)]
async fn one() {}
#[health_check(readiness)]
async fn two() {}
#[health_check(liveness)] fn three() {} #[health_check(liveness)] fn four() {}

mod inner {
    use health_runtime::health_check;

    #[health_check(readiness, name = "inner.one")]
    async fn one() {}
}

fn main() {
    assert_eq!(inventory::iter::<Descriptor>().count(), 5);
}
