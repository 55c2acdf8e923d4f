#![deny(warnings)]
#![allow(unused_macros)]

macro_rules! file { ($($any:tt)*) => { compile_error!("file") }; }
macro_rules! line { ($($any:tt)*) => { compile_error!("line") }; }
macro_rules! column { ($($any:tt)*) => { compile_error!("column") }; }
macro_rules! module_path { ($($any:tt)*) => { compile_error!("module_path") }; }
macro_rules! submit { ($($any:tt)*) => { compile_error!("submit") }; }

use health_runtime::health_check;

#[health_check(readiness)]
async fn database() {}

fn main() {}
