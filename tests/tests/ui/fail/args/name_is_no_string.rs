use health_runtime::health_check;

#[health_check(readiness, name = orders)]
async fn database() {}

fn main() {}
