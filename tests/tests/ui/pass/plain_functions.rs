#![deny(warnings)]

use health_runtime::{Details, IntoOutcome, Outcome, health_check};

#[health_check(readiness)]
fn nothing() {}

#[health_check(readiness)]
fn not_send() -> Result<(), String> {
    let here_only = std::rc::Rc::new(1);
    drop(here_only);
    Ok(())
}

#[health_check(readiness)]
fn outcome(path: &std::path::Path) -> Outcome {
    Outcome::up().with("path", path)
}

#[health_check(readiness)]
fn details() -> Details<std::collections::BTreeMap<String, u64>> {
    Details(std::collections::BTreeMap::new())
}

#[health_check(readiness)]
fn opaque() -> impl IntoOutcome {
    Outcome::up()
}

#[health_check(startup)]
const fn constant() {}

#[inline]
#[must_use]
#[health_check(startup)]
fn must_be_used() -> Outcome {
    Outcome::up()
}

fn main() {
    const { constant() };
    let _ = must_be_used();
}
