#![deny(warnings, unreachable_pub)]

mod checks {
    #[health_runtime::health_check(readiness)]
    pub(crate) async fn in_crate() {}

    #[health_runtime::health_check(readiness)]
    pub(super) async fn in_super() {}

    #[health_runtime::health_check(readiness)]
    pub(in crate::checks) async fn in_path() {}

    #[health_runtime::health_check(readiness)]
    async fn private(pool: &Hidden) {
        let _ = pool;
    }

    struct Hidden;

    pub(crate) fn use_all() {
        drop((in_path(), private(&Hidden)));
    }
}

#[health_runtime::health_check(readiness)]
pub async fn public() {}

fn main() {
    drop((checks::in_crate(), checks::in_super(), public()));
    checks::use_all();
}
