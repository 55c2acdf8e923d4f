use health_runtime::health_check;

struct Database;

impl Database {
    #[health_check(readiness)]
    async fn answers(self: std::sync::Arc<Self>) -> Result<(), String> {
        Ok(())
    }
}

fn main() {}
