// Exception: two errors, since nothing tells an associated function without `self` from a free one.
use health_runtime::health_check;

struct Database;

impl Database {
    #[health_check(readiness)]
    async fn answers() {}
}

fn main() {}
