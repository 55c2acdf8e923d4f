#![no_implicit_prelude]
#![deny(warnings)]

use ::health_runtime::health_check;
use ::std::option::Option;
use ::std::result::Result;

#[health_check(readiness, timeout = "500ms", interval = "10s", tags = ["storage"], description = "answers")]
async fn database(name: &str, size: Option<&u64>) -> Result<(), &'static str> {
    let _ = (name, size);
    Result::Ok(())
}

#[health_check(liveness)]
fn alive() {}

fn main() {}
