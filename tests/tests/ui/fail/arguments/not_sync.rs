// Exception: two errors, since a reference to what is not `Sync` makes the future not `Send` as well.
use health_runtime::health_check;

#[health_check(readiness)]
async fn database(pool: &std::cell::Cell<u8>) -> Result<(), std::io::Error> {
    let _ = pool;
    Ok(())
}

fn main() {}
