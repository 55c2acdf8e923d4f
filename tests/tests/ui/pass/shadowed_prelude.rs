// The names that every module knows mean something else here.
#![deny(warnings)]
#![allow(dead_code, non_upper_case_globals)]

struct Option;
struct Result;
struct Box;
struct String;
struct Vec;
struct Duration;
struct Descriptor;
struct Kind;
struct Call;
trait Send {}
trait Sync {}
trait Sized {}
trait Fn {}
trait Future {}
trait From {}
trait Into {}
trait Default {}
const Some: u8 = 0;
const None: u8 = 1;
const Ok: u8 = 2;
const Err: u8 = 3;

use health_runtime::health_check;

#[health_check(readiness, timeout = "500ms", interval = "10s", tags = ["storage"], description = "answers")]
async fn database(name: &str, size: ::std::option::Option<&u64>) -> ::std::result::Result<(), &'static str> {
    let _ = (name, size);
    ::std::result::Result::Ok(())
}

#[health_check(liveness)]
fn alive(beat: &u64) -> health_runtime::Outcome {
    let _ = beat;
    health_runtime::Outcome::up()
}

fn main() {}
