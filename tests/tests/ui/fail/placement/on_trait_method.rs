use health_runtime::health_check;

trait Database {
    #[health_check(readiness)]
    fn answers(&self);
}

fn main() {}
