use health_runtime::health_check;

#[health_check(readiness, name = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx")]
async fn database() {}

fn main() {}
