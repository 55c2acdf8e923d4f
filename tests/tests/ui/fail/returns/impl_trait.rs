use health_runtime::health_check;

#[health_check(readiness)]
async fn database() -> impl std::fmt::Display {
    1
}

fn main() {}
