use health_runtime::health_check;

#[health_check(readiness)]
async fn database(pool: impl std::fmt::Debug) -> Result<(), std::io::Error> {
    let _ = pool;
    Ok(())
}

fn main() {}
