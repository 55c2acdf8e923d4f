use health_runtime::health_check;

#[health_check(readiness, timeout = "5sec")]
async fn database() {}

fn main() {}
