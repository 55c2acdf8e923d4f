//! A check for each shard in a configuration, from one function. The name of the function is the tag of all of them.

use std::collections::BTreeMap;
use std::error::Error;

use health_runtime::{Health, Kind, health_check};
use tokio::net::TcpStream;

struct Shard {
    address: String,
}

/// The shard accepts connections.
#[health_check(readiness, timeout = "300ms", critical = false)]
async fn shard(#[each] shard: &Shard) -> Result<(), std::io::Error> {
    TcpStream::connect(&shard.address).await.map(drop)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let configuration = std::env::var("SHARDS").unwrap_or_else(|_| r#"{ "eu": "127.0.0.1:1", "us": "127.0.0.1:2" }"#.to_owned());
    let shards: BTreeMap<String, String> = serde_json::from_str(&configuration)?;
    let mut builder = Health::builder();
    for (name, address) in shards {
        builder = builder.named_state(name, Shard { address });
    }
    let health = builder.start()?;
    println!("{}", serde_json::to_string(&*health.report(Kind::Readiness).await)?);
    Ok(())
}
