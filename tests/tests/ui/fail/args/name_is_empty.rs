use health_runtime::health_check;

#[health_check(readiness, name = "")]
async fn database() {}

fn main() {}
