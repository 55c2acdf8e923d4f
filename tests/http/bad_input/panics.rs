//! The counter of panics, on which the other tests rely.

use actix_web::HttpResponse;
use actix_web::web::{self, ServiceConfig};
use health_tests::server::Server;
use health_tests::{alone, http, panics, test_name};

#[test]
fn a_panic_on_a_worker_thread_is_counted() {
    if !alone::in_process(test_name!()) {
        return;
    }
    panics::watch();
    let server = Server::start(|| {
        |config: &mut ServiceConfig| {
            config.route("/", web::to(fail));
        }
    });
    assert!(http::get(server.address(), "/").is_err());
    assert_eq!(panics::count(), 1);
}

async fn fail() -> HttpResponse {
    panic!("on purpose")
}
