//! Registration of annotated functions in modules and function bodies.

use health_runtime::{Health, Kind, health_check};

use crate::state;

mod deep {
    pub(crate) mod down {
        #[health_runtime::health_check(startup, liveness, name = "deep.check")]
        pub(crate) fn check() {}
    }
}

/// Other annotated functions are in a nested module and inside a function body.
#[health_check(readiness, critical = false)]
async fn shallow() {}

#[tokio::test]
async fn n1_checks_are_registered_in_modules_and_function_bodies() {
    #[health_check(readiness)]
    async fn inside_a_body() -> Result<(), String> {
        Ok(())
    }

    let health = state::complete(Health::builder()).start().unwrap();
    let names = |kind| {
        let health = health.clone();
        async move { health.report(kind).await.checks().map(|check| check.name().to_owned()).collect::<Vec<_>>() }
    };
    assert_eq!(names(Kind::Liveness).await, ["deep.check", "heartbeat"]);
    assert_eq!(names(Kind::Startup).await, ["deep.check"]);
    let ready = ["inside_a_body", "maybe", "orders", "panics", "repository", "shallow", "stuck"];
    assert_eq!(names(Kind::Readiness).await, ready);
}

#[tokio::test]
async fn n3_an_annotated_function_is_still_callable() {
    #[cfg(any())]
    #[health_check(readiness)]
    async fn configured_out_above() {}

    #[health_check(readiness)]
    #[cfg(any())]
    async fn configured_out_below() {}

    shallow().await;
    deep::down::check();
    let health = state::complete(Health::builder()).start().unwrap();
    let report = health.report(Kind::Readiness).await;
    assert!(report.check("shallow").is_some());
    assert!(report.checks().all(|check| !check.name().starts_with("configured_out")));
}
