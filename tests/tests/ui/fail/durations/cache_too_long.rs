use health_runtime::health_check;

#[health_check(readiness, cache = "25h")]
async fn database() {}

fn main() {}
