#![deny(warnings)]

struct Service;

impl Service {
    fn start(&self) {
        #[health_runtime::health_check(readiness)]
        async fn database(service: &Service) {
            service.stop();
        }
    }

    fn stop(&self) {}
}

fn main() {
    Service.start();
}
