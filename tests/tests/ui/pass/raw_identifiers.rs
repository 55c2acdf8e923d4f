#![deny(warnings)]

use health_runtime::__private::{Descriptor, inventory};
use health_runtime::health_check;

mod r#mod {
    #[allow(non_camel_case_types)]
    pub(crate) struct r#struct;
}

#[health_check(readiness)]
async fn r#match(r#type: &r#mod::r#struct) -> Result<(), String> {
    let _ = r#type;
    Ok(())
}

#[health_check(liveness)]
fn r#loop() {}

fn main() {
    let mut names: Vec<&str> = inventory::iter::<Descriptor>().map(|check| check.name).collect();
    names.sort_unstable();
    assert_eq!(names, ["loop", "match"]);
}
