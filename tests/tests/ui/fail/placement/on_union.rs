use health_runtime::health_check;

#[health_check(readiness)]
union Database {
    id: u8,
}

fn main() {}
