use health_runtime::health_check;

#[health_check(rediness)]
async fn database() {}

fn main() {}
