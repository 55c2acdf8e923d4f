use actix_web::web::Data;
use health_runtime::health_check;

struct Pool;

#[health_check(liveness)]
async fn alive(pool: Data<Pool>) {
    let _ = pool;
}

fn main() {}
