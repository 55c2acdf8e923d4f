//! A module that is declared and never named.

use health_runtime::health_check;

/// In a module that is never named.
#[health_check(readiness)]
async fn in_a_module_that_nothing_names() {}
