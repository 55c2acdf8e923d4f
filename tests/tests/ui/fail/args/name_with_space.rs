use health_runtime::health_check;

#[health_check(readiness, name = "orders db")]
async fn database() {}

fn main() {}
