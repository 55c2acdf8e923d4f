use health_runtime::health_check;

#[health_check(readiness, crate = ::std)]
async fn database() {}

fn main() {}
