use health_runtime::health_check;

struct Pool;

#[health_check(liveness)]
fn alive(pool: &Pool) {
    let _ = pool;
}

fn main() {}
