use health_runtime::health_check;

#[health_check(readiness, name = ".db")]
async fn database() {}

fn main() {}
