#![deny(warnings)]

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use actix_web::web::{self, Data};
use health_runtime::health_check;

struct Pool;
struct Generic<T>(T);
type Alias = HashMap<String, Vec<(u8, &'static str)>>;
type Reference<'a> = &'a Pool;

macro_rules! pool {
    () => {
        Pool
    };
}

trait Named {
    type Of;
}

impl Named for u8 {
    type Of = Pool;
}

#[health_check(readiness)]
async fn references(a: &Pool, b: &Generic<Vec<u8>>, c: &Alias, d: &Arc<Pool>, e: &Mutex<Option<Pool>>, f: &(Pool, u8), g: &[u8; 4]) {
    let _ = (a, &b.0, c, d, e, &f.0, g);
}

#[health_check(readiness)]
async fn options(a: Option<&Pool>, b: std::option::Option<&Generic<u8>>, c: Option<&str>, d: Option<&(dyn Send + Sync)>) {
    let _ = (a, b, c, d.is_some());
}

#[health_check(readiness)]
async fn data(a: Data<Pool>, b: web::Data<Mutex<u8>>, c: actix_web::web::Data<str>) {
    let _ = (a, b, c);
}

#[health_check(readiness)]
async fn spelt_otherwise(a: &pool!(), b: &<u8 as Named>::Of, c: Reference<'_>, d: &fn(u8) -> u8, e: &'_ Pool) {
    let _ = (a, b, c, d, e);
}

#[health_check(readiness)]
async fn many(a: &u8, b: &u16, c: &u32, d: &u64, e: &u128, f: &i8, g: &i16, h: &i32, i: &i64, j: &i128, k: &f32, l: &f64) {
    let _ = (a, b, c, d, e, f, g, h, i, j, k, l);
}

#[health_check(readiness)]
fn of_a_plain_function(a: &Pool, b: Option<&str>, c: Data<Pool>) {
    let _ = (a, b, c);
}

fn main() {}
