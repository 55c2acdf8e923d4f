#![deny(warnings)]

use health_runtime::health_check;

trait Repo: Send + Sync {
    fn answers(&self) -> bool;
}

#[health_check(readiness)]
async fn objects(repo: &dyn Repo, other: Option<&dyn Repo>) -> Result<(), String> {
    let all = repo.answers() && other.is_none_or(Repo::answers);
    if all { Ok(()) } else { Err("repo is silent".to_owned()) }
}

#[health_check(readiness)]
async fn bounds(any: &(dyn std::fmt::Debug + Send + Sync), call: &(dyn Fn(u8) -> u8 + Send + Sync)) -> Result<(), String> {
    if call(1) == 2 { Ok(()) } else { Err(format!("{any:?}")) }
}

#[health_check(readiness)]
async fn slices(name: &str, bytes: &[u8], path: &std::path::Path, data: actix_web::web::Data<dyn Repo>) {
    let _ = (name, bytes, path, data.answers());
}

fn main() {}
