use health_runtime::health_check;

macro_rules! database {
    () => {
        async fn database() {}
    };
}

#[health_check(readiness)]
database!();

fn main() {
    drop(database());
}
