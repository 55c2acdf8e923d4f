use health_runtime::health_check;

#[health_check(readiness)]
async fn database() -> Result<(), Box<dyn std::error::Error>> {
    Ok(())
}

fn main() {}
