use health_runtime::health_check;

struct Pool;

#[health_check(readiness)]
async fn database(pool: (&Pool, &str)) -> Result<(), std::io::Error> {
    let _ = pool;
    Ok(())
}

fn main() {}
