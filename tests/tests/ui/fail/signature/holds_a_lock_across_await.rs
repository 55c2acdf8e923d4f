use health_runtime::health_check;

use std::sync::Mutex;

#[health_check(readiness)]
async fn queue(depth: &Mutex<u64>) -> Result<(), String> {
    let depth = depth.lock().map_err(|error| error.to_string())?;
    std::future::ready(()).await;
    if *depth > 100 { Err(format!("{depth} jobs wait")) } else { Ok(()) }
}

fn main() {}
