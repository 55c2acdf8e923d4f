use health_runtime::health_check;

#[health_check(readiness)]
async fn database() -> Result<u64, std::io::Error> {
    Ok(1)
}

fn main() {}
