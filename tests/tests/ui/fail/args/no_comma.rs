use health_runtime::health_check;

#[health_check(readiness timeout = "500ms")]
async fn database() {}

fn main() {}
