use health_runtime::health_check;

#[health_check(liveness, critical = false)]
async fn database() {}

fn main() {}
