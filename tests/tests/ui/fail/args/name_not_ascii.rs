use health_runtime::health_check;

#[health_check(readiness, name = "größe")]
async fn database() {}

fn main() {}
