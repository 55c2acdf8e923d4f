use health_runtime::health_check;

#[health_check(readiness, tags = ["storage/sql"])]
async fn database() {}

fn main() {}
