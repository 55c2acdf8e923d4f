use health_runtime::health_check;

#[health_check(readiness)]
async fn database() -> Result<(), std::io::Error> {
    let held = std::rc::Rc::new(1);
    std::future::ready(()).await;
    drop(held);
    Ok(())
}

fn main() {}
