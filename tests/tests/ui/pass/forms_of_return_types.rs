#![deny(warnings)]

use std::error::Error;
use std::fmt;

use health_runtime::{Details, IntoOutcome, Outcome, health_check};

/// With a source, as errors of database crates have.
#[derive(Debug)]
struct SqlError(std::io::Error);

impl fmt::Display for SqlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("pool timed out")
    }
}

impl Error for SqlError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.0)
    }
}

#[derive(serde::Serialize)]
struct Pool {
    idle: u32,
}

type Answer<T = ()> = Result<T, SqlError>;

#[health_check(readiness)]
async fn nothing() {}

#[health_check(readiness)]
async fn unit() -> () {}

#[health_check(readiness)]
async fn outcome() -> Outcome {
    Outcome::degraded("slow").with("lag", 5)
}

#[health_check(readiness)]
async fn details() -> Details<Pool> {
    Details(Pool { idle: 7 })
}

#[health_check(readiness)]
async fn io() -> Result<(), std::io::Error> {
    Ok(())
}

#[health_check(readiness)]
async fn io_alias() -> std::io::Result<()> {
    Ok(())
}

#[health_check(readiness)]
async fn sql() -> Answer {
    Err(SqlError(std::io::Error::other("x")))
}

#[health_check(readiness)]
async fn anyhow() -> anyhow::Result<()> {
    anyhow::bail!("no")
}

#[health_check(readiness)]
async fn anyhow_error() -> Result<Outcome, anyhow::Error> {
    Ok(Outcome::up())
}

#[health_check(readiness)]
async fn boxed() -> Result<(), Box<dyn Error + Send + Sync>> {
    Err("no")?
}

#[health_check(readiness)]
async fn string() -> Result<(), String> {
    Err(String::new())
}

#[health_check(readiness)]
async fn text() -> Result<(), &'static str> {
    Err("no")
}

#[health_check(readiness)]
async fn result_of_details() -> Answer<Details<Pool>> {
    Ok(Details(Pool { idle: 1 }))
}

#[health_check(readiness)]
async fn result_of_result() -> Result<Result<Outcome, String>, SqlError> {
    Ok(Ok(Outcome::up()))
}

#[health_check(readiness)]
async fn opaque() -> impl IntoOutcome {
    Details(Pool { idle: 1 })
}

#[health_check(readiness)]
async fn result_of_opaque() -> Result<impl IntoOutcome, SqlError> {
    Ok(Outcome::up())
}

#[health_check(readiness)]
async fn not_send_result() -> Result<(), impl Error + Send + Sync> {
    Err(SqlError(std::io::Error::other("x")))
}

fn main() {}
