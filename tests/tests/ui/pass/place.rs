// A check is found at the line and the column of its function's name.
#![deny(warnings)]

use health_runtime::__private::{Descriptor, inventory};

mod checks {
    #[health_runtime::health_check(
        readiness,
    )]
    #[inline]
    pub(crate) async fn database() {}
}

fn main() {
    drop(checks::database());
    let check = inventory::iter::<Descriptor>().next().unwrap();
    assert!(check.place.file.ends_with("place.rs"), "{}", check.place.file);
    assert!(check.place.module.ends_with("::checks"), "{}", check.place.module);
    assert_eq!((check.place.line, check.place.column), (11, 25));
}
