use health_runtime::health_check;

#[health_check(readiness)]
async fn database() -> Result<String, std::io::Error> {
    Ok(String::new())
}

fn main() {}
