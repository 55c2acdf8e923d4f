use health_runtime::health_check;

#[health_check(readiness)]
fn database() -> impl Future<Output = Result<(), String>> {
    async { Ok(()) }
}

fn main() {}
