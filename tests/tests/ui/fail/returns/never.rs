use health_runtime::health_check;

#[health_check(readiness)]
fn database() -> ! {
    loop {}
}

fn main() {}
