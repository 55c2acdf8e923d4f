#![deny(warnings)]

use health_runtime::__private::{Descriptor, inventory};

fn main() {
    struct Pool;

    fn nested() {
        use health_runtime::health_check;

        #[health_check(readiness)]
        async fn in_a_nested_function() {}
    }

    #[health_runtime::health_check(readiness)]
    async fn in_main(pool: &Pool) -> Result<(), String> {
        let _ = pool;
        Ok(())
    }

    nested();
    let closure = || {
        #[health_runtime::health_check(readiness)]
        fn in_a_closure() {}
        in_a_closure();
    };
    closure();
    drop(in_main(&Pool));
    let names = inventory::iter::<Descriptor>().map(|check| check.name).collect::<std::collections::BTreeSet<_>>();
    assert_eq!(names, ["in_a_closure", "in_a_nested_function", "in_main"].into());
}
