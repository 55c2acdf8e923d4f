use health_runtime::health_check;

#[health_check(readiness)]
fn database() -> bool {
    true
}

fn main() {}
