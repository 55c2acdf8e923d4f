use health_runtime::health_check;

#[health_check(readiness, crate = "::health_runtime")]
async fn database() {}

fn main() {}
