//! A check for each tenant. `tenant` is all of them in the methods of the builder, and `tenant.acme` is one.

use std::time::Duration;

use health_runtime::{Health, Kind, health_check};

struct Tenant {
    paid: bool,
}

/// The tenant may use the service.
#[health_check(readiness, critical = false)]
fn tenant(#[each] tenant: &Tenant) -> Result<(), String> {
    if tenant.paid { Ok(()) } else { Err("the invoice is open".to_owned()) }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let health = Health::builder()
        .named_state("acme", Tenant { paid: true })
        .named_state("globex", Tenant { paid: false })
        .named_state("initech", Tenant { paid: false })
        .policy("tenant", |policy| policy.cache = Duration::from_secs(60))
        .without("tenant.initech")
        .start()?;
    println!("{}", serde_json::to_string(&*health.report(Kind::Readiness).await)?);
    Ok(())
}
