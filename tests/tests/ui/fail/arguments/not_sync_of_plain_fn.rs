use health_runtime::health_check;

#[health_check(readiness)]
fn database(pool: &std::cell::Cell<u8>) -> Result<(), std::io::Error> {
    let _ = pool;
    Ok(())
}

fn main() {}
