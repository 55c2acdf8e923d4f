use health_runtime::health_check;

#[health_check(Readiness)]
async fn database() {}

fn main() {}
