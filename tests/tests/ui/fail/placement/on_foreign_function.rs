use health_runtime::health_check;

unsafe extern "C" {
    #[health_check(readiness)]
    fn answers();
}

fn main() {}
