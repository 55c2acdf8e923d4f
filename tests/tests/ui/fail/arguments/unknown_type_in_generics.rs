use health_runtime::health_check;

#[health_check(readiness)]
async fn database(pool: actix_web::web::Data<SqlitePool>) -> Result<(), std::io::Error> {
    let _ = pool;
    Ok(())
}

fn main() {}
