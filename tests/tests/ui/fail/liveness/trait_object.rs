use health_runtime::health_check;

trait Repo: Send + Sync {}

#[health_check(liveness)]
async fn alive(pool: &dyn Repo) {
    let _ = pool;
}

fn main() {}
