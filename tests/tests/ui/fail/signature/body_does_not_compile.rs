use health_runtime::health_check;

#[health_check(readiness)]
async fn database() -> Result<(), String> {
    Ok(1)
}

fn main() {}
