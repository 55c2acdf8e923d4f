use health_runtime::health_check;

#[health_check(readiness, tags = ["storage", "sql", "storage"])]
async fn database() {}

fn main() {}
