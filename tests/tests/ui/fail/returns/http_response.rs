use health_runtime::health_check;

#[health_check(readiness)]
fn database() -> actix_web::HttpResponse {
    actix_web::HttpResponse::Ok().finish()
}

fn main() {}
