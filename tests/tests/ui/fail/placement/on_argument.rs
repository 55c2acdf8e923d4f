use health_runtime::health_check;

fn database(#[health_check(readiness)] _pool: &str) {}

fn main() {
    database("");
}
