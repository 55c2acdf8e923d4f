use health_runtime::health_check;

#[health_check(readiness, crate = ::renamed_runtime)]
async fn database(pool: &String) -> Result<(), std::io::Error> {
    drop(pool);
    Ok(())
}

fn main() {}
