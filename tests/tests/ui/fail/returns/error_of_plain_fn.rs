use health_runtime::health_check;

struct Refused;

#[health_check(readiness)]
fn database() -> Result<(), Refused> {
    Err(Refused)
}

fn main() {}
