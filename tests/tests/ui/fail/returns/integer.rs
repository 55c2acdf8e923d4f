use health_runtime::health_check;

#[health_check(readiness)]
async fn database() -> u16 {
    200
}

fn main() {}
