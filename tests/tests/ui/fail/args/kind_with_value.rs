use health_runtime::health_check;

#[health_check(readiness = true)]
async fn database() {}

fn main() {}
