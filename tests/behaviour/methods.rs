//! Methods as checks. The fixtures in `tests/fixtures` show what compiles and what does not.

#![allow(clippy::unused_async, clippy::unused_self, reason = "these are forms that a check may have")]

use std::time::Duration;

use health_runtime::{Health, Kind, Outcome, Status, health_check, health_checks};

struct Orders {
    count: u32,
}

struct Invoices;

#[health_checks]
impl Orders {
    const LIMIT: Duration = Duration::from_millis(40);

    fn new(count: u32) -> Self {
        Self { count }
    }

    /// The orders answer.
    #[health_check(readiness, timeout = Self::LIMIT)]
    async fn ping(&self) -> Outcome {
        tokio::time::sleep(Duration::from_secs(u64::from(self.count))).await;
        Outcome::up().with("count", self.count)
    }

    #[health_check(readiness, name = "orders")]
    async fn each(#[each] &self, limit: &u32) -> Result<(), String> {
        if self.count <= *limit { Ok(()) } else { Err(format!("{} orders", self.count)) }
    }
}

#[health_checks]
impl Invoices {
    #[health_check(readiness)]
    fn ping(&self) {}

    #[health_check(readiness, name = "without-self")]
    fn answers(invoices: Option<&Self>) -> Result<(), &'static str> {
        if invoices.is_some() { Ok(()) } else { Err("no invoices") }
    }
}

/// Returns the place of the n-th line with this text.
fn place(needle: &str, nth: usize) -> String {
    let mut lines = include_str!("methods.rs").lines().enumerate().filter(|(_, line)| line.trim_start().starts_with(needle));
    format!("({}:{})", file!(), lines.nth(nth).unwrap().0 + 1)
}

#[tokio::test(start_paused = true)]
async fn d8_a_method_is_a_check_of_the_state_that_self_is() {
    let builder = Health::builder().only(["orders", "without-self"]).named_state("eu", Orders::new(3)).state(7_u32);
    let report = builder.named_state("us", Orders::new(9)).start().unwrap().report(Kind::Readiness).await;
    let found: Vec<_> = report.checks().map(|check| (check.name(), check.status(), check.full_error())).collect();
    let expected = [
        ("orders.eu", Status::Up, None),
        ("orders.us", Status::Down, Some("9 orders")),
        ("without-self", Status::Down, Some("no invoices")),
    ];
    assert_eq!(found, expected);
}

#[tokio::test(start_paused = true)]
async fn d8_two_methods_with_one_name_are_a_start_error_with_the_remedy() {
    let error = Health::builder().only(["ping"]).state(Orders::new(0)).state(Invoices).start().err().unwrap();
    let expected = format!(
        "health cannot start; 1 problem:\n  duplicate check name: health check `ping` {} and health check `ping` {}; rename one, add `name = …` to the attribute",
        place("async fn ping(&self)", 0),
        place("fn ping(&self)", 0),
    );
    assert_eq!(error.to_string(), expected);
}

#[tokio::test(start_paused = true)]
async fn d8_missing_state_of_a_method_is_a_start_error() {
    let error = Health::builder().only(["orders"]).state(7_u32).start().err().unwrap();
    let expected = format!(
        "health cannot start; 1 problem:\n  health check `orders` {} takes `#[each] &Orders`, but no named value of that type is given; add `.named_state(\"…\", …)` to the builder, or leave the check out with `.without(\"orders\")`",
        place("async fn each(", 0),
    );
    assert_eq!(error.to_string(), expected);
}

#[tokio::test(start_paused = true)]
async fn d8_the_methods_can_be_called() {
    let orders = Orders::new(0);
    assert_eq!(orders.ping().await, Outcome::up().with("count", 0));
    assert_eq!(orders.each(&0).await, Ok(()));
    Invoices.ping();
    assert_eq!(Invoices::answers(Some(&Invoices)), Ok(()));
}
