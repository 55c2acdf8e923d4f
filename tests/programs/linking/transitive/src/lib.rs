//! A library that only another library calls.

use health_runtime::health_check;

/// In a dependency of a library that is used.
#[health_check(startup)]
async fn in_a_transitive_library() {}

/// What the other library calls.
pub fn one() -> usize {
    1
}

#[cfg(test)]
mod tests {
    use health_runtime::{Health, Scope};

    /// In a module that only one of the two copies of this crate has.
    #[health_runtime::health_check(readiness)]
    fn in_a_test() {}

    #[tokio::test]
    async fn two_copies_of_a_check_are_one() {
        assert_eq!(used::one(), super::one());
        let report = Health::builder().start().unwrap().report(Scope::All).await;
        let names: Vec<&str> = report.checks().map(|check| check.name()).collect();
        assert_eq!(names, ["in_a_test", "in_a_transitive_library", "in_a_used_library"]);
    }
}
