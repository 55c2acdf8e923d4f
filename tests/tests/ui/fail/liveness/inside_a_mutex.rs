use health_runtime::health_check;

struct Pool;

#[health_check(liveness)]
async fn alive(pool: &std::sync::Mutex<Pool>) {
    let _ = pool;
}

fn main() {}
