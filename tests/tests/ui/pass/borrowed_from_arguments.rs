#![deny(warnings)]

use health_runtime::health_check;

struct Pool {
    last_error: Option<String>,
}

#[health_check(readiness)]
async fn elided(pool: &Pool) -> Result<(), &str> {
    pool.last_error.as_deref().map_or(Ok(()), Err)
}

#[health_check(readiness)]
async fn named<'a>(pool: &'a Pool, other: &Pool) -> Result<(), &'a str> {
    let _ = other;
    pool.last_error.as_deref().map_or(Ok(()), Err)
}

#[health_check(readiness)]
async fn bounded<'a, 'b: 'a>(pool: &'a Pool, other: Option<&'b Pool>) -> Result<(), &'a str>
where
    'a: 'a,
{
    other.unwrap_or(pool).last_error.as_deref().map_or(Ok(()), Err)
}

#[health_check(readiness)]
fn of_a_plain_function(pool: &Pool) -> Result<(), &str> {
    pool.last_error.as_deref().map_or(Ok(()), Err)
}

#[health_check(readiness)]
async fn higher_ranked(call: &(dyn for<'x> Fn(&'x str) -> &'x str + Send + Sync)) -> Result<(), String> {
    Err(call("x").to_owned())
}

fn main() {}
