// Functions and types may be called what generated code calls its own.
#![deny(warnings)]
#![allow(non_camel_case_types)]

use health_runtime::health_check;

struct call;
struct __health;
struct __private;

#[health_check(readiness)]
async fn a0(a1: &call) {
    let _ = a1;
}

#[health_check(readiness)]
fn a1(call: &call, a0: Option<&__private>, __health: &__health) {
    let _ = (call, a0, __health);
}

mod inner {
    #[health_runtime::health_check(readiness, name = "inner")]
    async fn call(call: &u8) {
        let _ = call;
    }

    #[health_runtime::health_check(readiness)]
    fn ready(ready: &u8) {
        let _ = ready;
    }

    #[health_runtime::health_check(readiness)]
    fn must_return_an_outcome() {}
}

fn main() {
    let _ = call;
    let _ = (__private, __health);
}
