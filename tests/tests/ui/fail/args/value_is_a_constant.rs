use health_runtime::health_check;

const LIMIT: &str = "500ms";

#[health_check(readiness, timeout = LIMIT)]
async fn database() {}

fn main() {
    println!("{LIMIT}");
}
