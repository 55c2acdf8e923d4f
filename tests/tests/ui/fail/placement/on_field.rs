use health_runtime::health_check;

struct Database {
    #[health_check(readiness)]
    pool: String,
}

fn main() {}
