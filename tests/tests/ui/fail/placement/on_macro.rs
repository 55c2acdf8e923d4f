use health_runtime::health_check;

#[health_check(readiness)]
macro_rules! database {
    () => {};
}

fn main() {
    database!();
}
