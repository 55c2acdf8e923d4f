use health_runtime::health_check;

#[health_check(critical = false, liveness)]
async fn database() {}

fn main() {}
