// The function stays as it was written.
#![deny(warnings)]

use health_runtime::health_check;

struct Pool(u8);

#[health_check(readiness)]
async fn database(pool: &Pool) -> Result<u8Up, String> {
    if pool.0 > 0 { Ok(()) } else { Err("no connection".to_owned()) }
}

#[allow(non_camel_case_types)]
type u8Up = ();

#[health_check(liveness)]
fn alive(beat: &u64) -> Result<(), &'static str> {
    if *beat > 0 { Ok(()) } else { Err("has not turned") }
}

fn main() {
    let answer = actix_web::rt::System::new().block_on(async { (database(&Pool(1)).await, database(&Pool(0)).await) });
    assert_eq!(answer, (Ok(()), Err("no connection".to_owned())));
    assert_eq!((alive(&1), alive(&0)), (Ok(()), Err("has not turned")));
    let function: fn(&u64) -> Result<(), &'static str> = alive;
    assert_eq!(function(&1), Ok(()));
}
