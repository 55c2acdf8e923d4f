use health_runtime::health_check;

#[health_check(readiness, critical = "false")]
async fn database() {}

fn main() {}
