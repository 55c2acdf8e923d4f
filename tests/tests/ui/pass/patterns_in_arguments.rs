#![deny(warnings)]

use actix_web::web::Data;
use health_runtime::health_check;

struct Pair {
    one: u8,
    two: u16,
}

#[health_check(readiness)]
async fn patterns(&Pair { one, .. }: &Pair, Pair { two, .. }: &Pair, _: &str, mut data: Data<u8>, #[allow(unused_variables)] unused: &u32) {
    let _ = (one, two);
    data = data.clone();
    drop(data);
}

#[health_check(readiness)]
fn plain(&(a, ref b): &(u8, String), whole @ [_, ..]: &[u8; 4]) {
    let _ = (a, b, whole);
}

fn main() {}
