//! Which checks a `Health` has, and the changes to their policies.

use std::collections::BTreeMap;

use super::HealthBuilder;
use crate::core::model::policy::Policy;
use crate::core::registry::check::Check;
use crate::core::registry::policy_override::PolicyOverride;
use crate::core::registry::settings::Settings;
use crate::core::registry::{Environment, NamedEdit, PolicyChange, PolicyEdit};

impl HealthBuilder {
    /// Adds a check created at run time.
    pub fn check(mut self, check: Check) -> Self {
        self.registry.custom_checks.push(check);
        self
    }

    /// Sets whether annotated functions are included. With `false` only checks added by [`check`](Self::check) remain, for tests.
    /// Default: `true`.
    pub fn linked_checks(mut self, enabled: bool) -> Self {
        self.registry.linked_checks = enabled;
        self
    }

    /// Includes only these linked checks, and those of other calls of `only`. The state of the others need not be registered.
    /// Checks added by [`check`](Self::check) stay. `start` rejects an unknown name, and one that is also in
    /// [`without`](Self::without).
    ///
    /// A test of one annotated check needs no other state:
    ///
    /// ```standalone_crate
    /// use health_runtime::{Health, HealthState, Kind, health_check};
    ///
    /// struct Queue {
    ///     waiting: usize,
    /// }
    ///
    /// #[health_check(readiness)]
    /// async fn queue(queue: &Queue) -> Result<(), String> {
    ///     if queue.waiting < 100 { Ok(()) } else { Err("queue is full".to_owned()) }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), health_runtime::StartError> {
    /// let health = Health::builder().only(["queue"]).state(Queue { waiting: 100 }).start()?;
    /// assert_eq!(health.report(Kind::Readiness).await.state(), HealthState::Unhealthy);
    /// # Ok(())
    /// # }
    /// ```
    pub fn only<I: IntoIterator<Item = S>, S: Into<String>>(mut self, names: I) -> Self {
        self.registry.only.get_or_insert_default().extend(names.into_iter().map(Into::into));
        self
    }

    /// Leaves a linked check out. Its state need not be registered. `start` rejects an unknown name. The name of a function with
    /// `#[each]` is all its instances, as in every method that takes a name; `shard.eu` is one.
    pub fn without(mut self, name: &str) -> Self {
        self.registry.without.push(name.to_owned());
        self
    }

    /// Overrides the policy of a check. Of several changes to one check the later call wins. `start` rejects an unknown name. For a
    /// function with `#[each]`, `edit` is called with the policy of its first instance, and what it changes is changed in all.
    pub fn policy(mut self, name: &str, edit: impl FnOnce(&mut Policy) + Send + 'static) -> Self {
        self.change("policy", name.to_owned(), PolicyEdit::Edit(Box::new(edit)));
        self
    }

    /// Overrides the policies of checks by name, from the application's configuration. Of several changes to one check the later
    /// call wins. `start` rejects an unknown name.
    pub fn overrides(mut self, by_name: BTreeMap<String, PolicyOverride>) -> Self {
        self.override_all("overrides", by_name);
        self
    }

    /// Overrides the policies of checks with the environment variables that start with `prefix`, as they are at this call.
    ///
    /// The rest of a variable is the name of a check in upper case, with `_` for `-` and `.`, then `_` and a field of
    /// [`PolicyOverride`] in upper case. For the prefix `HEALTH_`, `HEALTH_ORDERS_DB_TIMEOUT=1s` sets the timeout of `orders-db`
    /// and `HEALTH_ORDERS_DB_ENABLED=false` leaves it out. Durations have the grammar of the attribute, lists have commas. Of
    /// several changes to one check the later call wins.
    ///
    /// Variables that Kubernetes sets for a service are ignored: `…_SERVICE_HOST`, `…_SERVICE_PORT`, `…_SERVICE_PORT_*`, `…_PORT`
    /// and `…_PORT_<n>_<protocol>…`. `start` rejects every other variable that fits no check and field, a variable that fits two
    /// checks, and an invalid value.
    pub fn overrides_from_env(mut self, prefix: &str) -> Self {
        self.registry.changes.push(PolicyChange::Environment(Environment::read(prefix)));
        self
    }

    /// Sets the deadline, the drain delay and the overrides of checks from the application's configuration. Absent settings keep
    /// their value. Of several changes to one setting the later call wins.
    pub fn settings(mut self, settings: Settings) -> Self {
        let Settings { deadline, drain_delay, checks } = settings;
        self.deadline = deadline.unwrap_or(self.deadline);
        self.drain_delay = drain_delay.unwrap_or(self.drain_delay);
        self.override_all("settings", checks);
        self
    }

    fn override_all(&mut self, method: &'static str, by_name: BTreeMap<String, PolicyOverride>) {
        for (name, change) in by_name {
            self.change(method, name, PolicyEdit::Override(change));
        }
    }

    fn change(&mut self, method: &'static str, name: String, edit: PolicyEdit) {
        self.registry.changes.push(PolicyChange::Named(NamedEdit { method, name, edit }));
    }

    /// Makes `start` fail if a check of one of these names is not in the program, whether or not `only`, `without` or an override
    /// leaves it out.
    pub fn require<I: IntoIterator<Item = S>, S: Into<String>>(mut self, names: I) -> Self {
        self.registry.required.extend(names.into_iter().map(Into::into));
        self
    }
}
