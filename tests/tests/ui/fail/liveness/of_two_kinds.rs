use health_runtime::health_check;

struct Pool;

#[health_check(readiness, liveness)]
async fn alive(pool: &Pool) {
    let _ = pool;
}

fn main() {}
