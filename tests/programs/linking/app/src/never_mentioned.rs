//! Declared, and then named by nobody.

use health_runtime::health_check;

/// In a module that nothing names.
#[health_check(readiness)]
async fn in_a_module_that_nothing_names() {}
