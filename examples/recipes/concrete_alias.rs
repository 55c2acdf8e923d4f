//! A generic repository, of which the service uses one concrete type. A check has no type parameter, so the `impl` names the alias.

use health_runtime::{Health, Kind, health_check, health_checks};

struct Repository<C> {
    connection: C,
}

struct Sqlite {
    path: &'static str,
}

type Orders = Repository<Sqlite>;

#[health_checks]
impl Orders {
    /// The file of the orders is readable.
    #[health_check(readiness, name = "orders")]
    fn is_readable(&self) -> Result<(), std::io::Error> {
        std::fs::metadata(self.connection.path).map(drop)
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let health = Health::builder().state(Orders { connection: Sqlite { path: "no-such-file.db" } }).start()?;
    println!("{}", serde_json::to_string(&*health.report(Kind::Readiness).await)?);
    Ok(())
}
