// Exception: four mistakes, to show that one build reports all of them, in the attribute and in the types.
use health_runtime::health_check;

#[health_check(rediness, timeout = 500, failure_threshold = 0)]
async fn database(pool: String) {
    drop(pool);
}

fn main() {}
