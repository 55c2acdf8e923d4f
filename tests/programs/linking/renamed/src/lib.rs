use vitals::health_check;

#[health_check(readiness)]
pub async fn in_a_renamed_runtime() {}
