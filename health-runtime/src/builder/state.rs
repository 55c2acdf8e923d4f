//! The state that checks borrow.

use std::any::type_name;
use std::panic::Location;
use std::sync::Arc;

use super::HealthBuilder;

impl HealthBuilder {
    /// Registers a value that checks can take as `&T`, `Option<&T>` or `web::Data<T>`. A `web::Data<T>` registers `T`. `start`
    /// rejects two values of one type.
    #[track_caller]
    pub fn state<T: Send + Sync + 'static>(self, value: T) -> Self {
        self.shared_state(Arc::new(value))
    }

    /// Registers a shared value, as [`state`](Self::state) does. `T` may be unsized, as in `Arc<dyn Repo>`.
    #[track_caller]
    pub fn shared_state<T: ?Sized + Send + Sync + 'static>(mut self, value: Arc<T>) -> Self {
        if !self.state.insert_unnamed(value) {
            self.problems.push(format!("{} is given as state twice; wrap one in a new type", described::<T>(Location::caller())));
        }
        self
    }

    /// Registers one of several values of a type under a name. A check takes it as `#[named("…")] pool: &T`, and one with
    /// `#[each] pool: &T` runs for each of them. A `web::Data<T>` registers `T`.
    ///
    /// `start` rejects two values of one type with one name, ignoring ASCII case, and an empty name. With `#[each]` the name is the
    /// end of the name of a check, so its characters are `A-Z a-z 0-9 _ . -`.
    ///
    /// ```standalone_crate
    /// use health_runtime::{Health, Kind, Outcome, health_check};
    ///
    /// struct Pool {
    ///     idle: usize,
    /// }
    ///
    /// #[health_check(readiness)]
    /// async fn shard(#[each] pool: &Pool) -> Outcome {
    ///     if pool.idle > 0 { Outcome::up() } else { Outcome::down("no idle connection") }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), health_runtime::StartError> {
    /// let mut builder = Health::builder();
    /// for (name, idle) in [("eu", 3), ("us", 0)] {
    ///     builder = builder.named_state(name, Pool { idle });
    /// }
    /// let report = builder.start()?.report(Kind::Readiness).await;
    /// assert_eq!(report.check("shard.eu").unwrap().error(), None);
    /// assert_eq!(report.check("shard.us").unwrap().error(), Some("no idle connection"));
    /// # Ok(())
    /// # }
    /// ```
    #[track_caller]
    pub fn named_state<T: Send + Sync + 'static>(self, name: impl Into<String>, value: T) -> Self {
        self.named_shared_state(name, Arc::new(value))
    }

    /// Registers a shared value under a name, as [`named_state`](Self::named_state) does. `T` may be unsized, as in `Arc<dyn Repo>`.
    #[track_caller]
    pub fn named_shared_state<T: ?Sized + Send + Sync + 'static>(mut self, name: impl Into<String>, value: Arc<T>) -> Self {
        let (name, described) = (name.into(), described::<T>(Location::caller()));
        if name.is_empty() {
            let remedy = "choose one, or use `shared_state`";
            self.problems.push(format!("{described} is given as state with an empty name; {remedy}"));
        } else if !self.state.insert(name.clone(), value) {
            self.problems.push(format!("{described} is given as state `{name}` twice; rename one"));
        }
        self
    }
}

fn described<T: ?Sized>(location: &Location<'_>) -> String {
    format!("`{}` ({}:{})", type_name::<T>(), location.file(), location.line())
}
