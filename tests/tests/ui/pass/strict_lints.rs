//! Groups and single lints of rustc that people turn on.
#![forbid(unsafe_code, unsafe_attr_outside_unsafe)]
#![deny(warnings, unused, dead_code, future_incompatible, nonstandard_style, rust_2018_idioms, rust_2021_compatibility, rust_2024_compatibility)]
#![deny(missing_docs, missing_debug_implementations, missing_copy_implementations, unreachable_pub, unused_qualifications, unused_results)]
#![deny(unused_lifetimes, unused_import_braces, trivial_casts, trivial_numeric_casts, single_use_lifetimes, let_underscore_drop)]
#![deny(elided_lifetimes_in_paths, explicit_outlives_requirements, redundant_lifetimes, variant_size_differences, unit_bindings)]
#![deny(unused_extern_crates, unused_macro_rules, non_ascii_idents, meta_variable_misuse, keyword_idents, absolute_paths_not_starting_with_crate)]

use health_runtime::{Outcome, health_check};

/// The orders database answers.
#[health_check(readiness, timeout = "500ms", interval = "10s", failure_threshold = 3, tags = ["storage"])]
async fn database(pool: &str, limit: Option<&u64>) -> Result<Outcome, std::io::Error> {
    println!("{pool} {limit:?}");
    Ok(Outcome::up())
}

/// The process turns.
#[health_check(liveness)]
fn alive(beat: &u64) {
    println!("{beat}");
}

/// A module of its own.
pub mod checks {
    use health_runtime::health_check;

    /// Public for other crates.
    #[health_check(startup)]
    pub async fn migrated() {}
}

fn main() {}
