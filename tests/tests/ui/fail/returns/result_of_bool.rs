use health_runtime::health_check;

#[health_check(readiness)]
async fn database() -> Result<bool, std::io::Error> {
    Ok(true)
}

fn main() {}
