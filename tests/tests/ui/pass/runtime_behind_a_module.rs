#![deny(warnings)]

mod deps {
    pub(crate) mod web {
        pub(crate) use health_runtime as vitals;
    }
}

use deps::web::vitals::health_check;

#[health_check(readiness, crate = crate::deps::web::vitals)]
async fn by_crate() {}

#[health_check(readiness, crate = self::deps::web::vitals)]
async fn by_self() {}

#[health_check(readiness, crate = deps::web::vitals)]
async fn by_name() {}

mod checks {
    use super::deps::web::vitals as local;

    #[local::health_check(readiness, crate = super::deps::web::vitals)]
    async fn by_super() {}

    #[local::health_check(readiness, crate = local)]
    async fn by_alias() {}

    pub(crate) fn run() {
        #[local::health_check(readiness, crate = local)]
        async fn inside_a_function() {}
    }
}

fn main() {
    checks::run();
}
