use health_runtime::health_check;

macro_rules! check {
    ($limit:literal) => {
        #[health_check(readiness, timeout = $limit)]
        async fn database() {}
    };
}

check!("500");

fn main() {}
