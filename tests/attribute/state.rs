//! State by type, and the errors for missing state.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use actix_web::web;
use health_runtime::{Check, Health, HealthBuilder, Kind, Outcome, Scope, Status, health_check};
use health_tests::gate::Gate;

pub(crate) struct Orders(pub(crate) u32);
pub(crate) struct Settings;
pub(crate) trait Repository: Send + Sync {
    fn is_reachable(&self) -> bool;
}
struct Here;
impl Repository for Here {
    fn is_reachable(&self) -> bool {
        true
    }
}

#[health_check(readiness)]
async fn orders(orders: web::Data<Orders>, again: &Orders) -> Outcome {
    Outcome::up().with("count", orders.0 + again.0)
}

#[health_check(readiness)]
async fn maybe(settings: Option<&Settings>) -> Outcome {
    Outcome::up().with("given", settings.is_some())
}

#[health_check(readiness)]
async fn repository(repository: &(dyn Repository + 'static), url: &str) -> Result<(), String> {
    if repository.is_reachable() { Ok(()) } else { Err(format!("{url} is gone")) }
}

#[health_check(liveness)]
async fn heartbeat(beats: &AtomicU64) {
    let _ = beats;
}

/// Adds all the state that the checks of this binary need.
pub(crate) fn complete(builder: HealthBuilder) -> HealthBuilder {
    builder
        .state(web::Data::new(Orders(7)))
        .shared_state::<dyn Repository>(Arc::new(Here))
        .shared_state::<str>(Arc::from("postgres://db"))
        .state(AtomicU64::new(0))
        .state(Gate::opened())
}

#[tokio::test]
async fn state_is_passed_to_every_form_of_argument() {
    let health = complete(Health::builder()).start().unwrap();
    let body = serde_json::to_value(&*health.report(Kind::Readiness).await).unwrap();
    assert_eq!(body["checks"]["orders"]["count"], 14);
    assert_eq!(body["checks"]["maybe"]["given"], false);
    assert_eq!(body["checks"]["repository"]["status"], "up");

    let health = complete(Health::builder()).shared_state(Arc::new(Settings)).start().unwrap();
    let body = serde_json::to_value(&*health.report(Kind::Readiness).await).unwrap();
    assert_eq!(body["checks"]["maybe"]["given"], true);
}

/// Returns the number of the line of this file that starts with `needle`.
fn line(needle: &str) -> usize {
    1 + include_str!("state.rs").lines().position(|line| line.starts_with(needle)).unwrap()
}

#[tokio::test]
async fn l8_missing_state_is_reported_with_type_location_and_remedy() {
    let error = Health::builder().without("STUCK").require(["redis"]).start().err().unwrap();
    let file = file!();
    let orders = line("async fn orders");
    let repository = line("async fn repository");
    let heartbeat = line("async fn heartbeat");
    let expected = [
        "health cannot start; 6 problems:".to_owned(),
        format!(
            "health check `heartbeat` ({file}:{heartbeat}) takes `&AtomicU64`, but no value of that type is given; add `.state(…)` to the builder"
        ),
        format!(
            "health check `orders` ({file}:{orders}) takes `web::Data<Orders>`, but no value of that type is given; add `.state(…)` to the builder"
        ),
        format!(
            "health check `orders` ({file}:{orders}) takes `&Orders`, but no value of that type is given; add `.state(…)` to the builder"
        ),
        format!(
            "health check `repository` ({file}:{repository}) takes `&(dyn Repository + 'static)`, but no value of that type is given; add `.shared_state(…)` to the builder"
        ),
        format!(
            "health check `repository` ({file}:{repository}) takes `&str`, but no value of that type is given; add `.shared_state(…)` to the builder"
        ),
        "health check `redis` is expected, but is not in this program; name its crate once, as in `health_runtime::link!(its_crate)`"
            .to_owned(),
    ];
    assert_eq!(error.to_string(), expected.join("\n  "));
}

#[tokio::test]
async fn l8_state_in_another_wrapper_is_reported_with_its_remedy() {
    let builder = || Health::builder().without("stuck").state(AtomicU64::new(0)).shared_state::<str>(Arc::from("db"));
    let (file, orders, repository) = (file!(), line("async fn orders"), line("async fn repository"));
    let wrapped = builder().state(Arc::new(Orders(7))).state::<Box<dyn Repository>>(Box::new(Here)).state(Arc::new(Settings));
    let twice = builder().shared_state::<dyn Repository>(Arc::new(Here)).state(Orders(7)).state(web::Data::new(Orders(8)));
    for (builder, expected) in [
        (
            wrapped,
            vec![
                format!(
                    "`maybe` ({file}:{}) takes `Option<&Settings>`, but only an `Arc` of that type is given; give it with `.shared_state(…)`",
                    line("async fn maybe")
                ),
                format!(
                    "`orders` ({file}:{orders}) takes `web::Data<Orders>`, but only an `Arc` of that type is given; give it with `.shared_state(…)`"
                ),
                format!(
                    "`orders` ({file}:{orders}) takes `&Orders`, but only an `Arc` of that type is given; give it with `.shared_state(…)`"
                ),
                format!(
                    "`repository` ({file}:{repository}) takes `&(dyn Repository + 'static)`, but only a `Box` of that type is given; give it with `.shared_state(Arc::from(…))`"
                ),
            ],
        ),
        (
            twice,
            vec![
                format!(
                    "`orders` ({file}:{orders}) takes `web::Data<Orders>`, but it is given twice, as a value and in a `web::Data`; remove one"
                ),
                format!(
                    "`orders` ({file}:{orders}) takes `&Orders`, but it is given twice, as a value and in a `web::Data`; remove one"
                ),
            ],
        ),
    ] {
        let problems = expected.iter().map(|problem| format!("\n  health check {problem}"));
        let expected = format!("health cannot start; {} problems:{}", expected.len(), problems.collect::<String>());
        assert_eq!(builder.start().err().unwrap().to_string(), expected);
    }
}

#[tokio::test]
async fn l8_a_single_problem_is_reported_in_the_singular() {
    let error = Health::builder().linked_checks(false).require(["redis"]).start().err().unwrap();
    assert_eq!(
        error.to_string(),
        "health cannot start; 1 problem:\n  health check `redis` is expected, but is not in this program; name its crate once, as in `health_runtime::link!(its_crate)`"
    );
}

#[tokio::test]
async fn d10_only_the_named_checks_need_their_state() {
    let health = Health::builder().only(["maybe"]).start().unwrap();
    let names = |health: &Health| {
        let health = health.clone();
        async move { health.report(Scope::All).await.checks().map(|check| check.name().to_owned()).collect::<Vec<_>>() }
    };
    assert_eq!(names(&health).await, ["maybe"]);
    let several = Health::builder()
        .only(["MAYBE"])
        .only(vec!["heartbeat".to_owned()])
        .state(AtomicU64::new(0))
        .check(Check::readiness("made_here", || async {}))
        .policy("orders", |policy| policy.critical = false)
        .require(["orders"]);
    assert_eq!(names(&several.start().unwrap()).await, ["heartbeat", "made_here", "maybe"]);
    assert_eq!(names(&Health::builder().only([""; 0]).start().unwrap()).await, [""; 0]);
}

#[tokio::test]
async fn d10_only_rejects_unknown_and_contradictory_names() {
    let made_here = Check::readiness("made_here", || async {});
    let error = Health::builder().check(made_here).only(["maybe", "ordres", "made_here", "ghost"]).without("Maybe").start();
    let linked = "`deep.check`, `heartbeat`, `inside_a_body`, `maybe`, `orders`, `panics`, `repository`, `shallow`, `stuck`";
    let unknown = |name, remedy| {
        format!("`only` names health check `{name}`, but no linked check of that name is in this program; {remedy}")
    };
    let expected = [
        "health cannot start; 4 problems:".to_owned(),
        unknown("ordres", "did you mean `orders`?".to_owned()),
        unknown("made_here", format!("there are {linked}")),
        unknown("ghost", format!("there are {linked}")),
        "health check `maybe` is in both `only` and `without`; remove it from one".to_owned(),
    ];
    assert_eq!(error.err().unwrap().to_string(), expected.join("\n  "));
}

#[tokio::test]
async fn without_frees_the_name_for_another_check() {
    let health = complete(Health::builder().without("orders"))
        .check(Check::readiness("orders", || async { Err::<(), _>("no orders") }))
        .start()
        .unwrap();
    let report = health.report(Kind::Readiness).await;
    assert_eq!(report.check("orders").unwrap().status(), Status::Down);
    assert_eq!(report.check("orders").unwrap().full_error(), Some("no orders"));
}

#[tokio::test]
async fn k12_a_runtime_check_cannot_use_the_name_of_a_linked_one() {
    let here = line!() + 1;
    let error = complete(Health::builder()).check(Check::startup("Orders", || async {})).start().err().unwrap();
    let file = file!();
    let orders = line("async fn orders");
    assert_eq!(
        error.to_string(),
        format!(
            "health cannot start; 1 problem:\n  duplicate check name: health check `Orders` ({file}:{here}) and health check `orders` ({file}:{orders}); rename one, add `name = …` to the attribute"
        )
    );
}
