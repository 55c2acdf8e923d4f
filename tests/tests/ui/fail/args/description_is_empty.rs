use health_runtime::health_check;

#[health_check(readiness, description = "")]
async fn database() {}

fn main() {}
