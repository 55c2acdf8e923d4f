use health_runtime::health_check;

#[health_check(readiness, interval = "1441m")]
async fn database() {}

fn main() {}
