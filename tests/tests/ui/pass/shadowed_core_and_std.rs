// Paths of generated code start where no module of ours can stand in between.
#![deny(warnings)]

mod core {}
mod std {}
mod alloc {}
mod inventory {}
mod health_runtime {}

use ::health_runtime::health_check;

#[health_check(readiness, timeout = "500ms", interval = "10s", tags = ["storage"], description = "answers")]
async fn database(name: &str, pool: Option<&String>) -> Result<(), String> {
    let _ = (name, pool);
    Ok(())
}

#[health_check(liveness)]
fn alive(beat: &u64) {
    let _ = beat;
}

fn main() {}
