use health_runtime::{Details, health_check};

struct Pool;

#[health_check(readiness)]
async fn database() -> Details<Pool> {
    Details(Pool)
}

fn main() {}
