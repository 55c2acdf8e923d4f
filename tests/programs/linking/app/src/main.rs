//! Prints the names of the linked checks, one a line. The arguments are the names of required checks.

mod cut_out;
mod never_mentioned;

use health_runtime::{Health, Scope, health_check};

health_runtime::link!(kept);

/// In the root of the binary.
#[health_check(readiness)]
async fn in_the_binary() -> Result<(), &'static str> {
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let health = Health::builder().require(std::env::args().skip(used::one())).start()?;
    for check in health.report(Scope::All).await.checks() {
        println!("{}", check.name());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #[tokio::test]
    async fn an_annotated_function_is_called_as_any_other() {
        assert_eq!(super::in_the_binary().await, Ok(()));
    }
}
