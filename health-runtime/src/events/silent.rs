//! What is told of everything that is counted, where no feature counts: it keeps nothing and does nothing.

use std::time::Duration;

use crate::registry::Registered;
use crate::status::{HealthState, Kind, Scope, Status};
use crate::verdict::{End, Pulse};

pub(crate) struct Meters;

#[expect(clippy::unused_self, reason = "the one that counts needs it")]
impl Meters {
    pub(super) fn new<'c>(_: impl Iterator<Item = &'c Registered>, _: [(Kind, HealthState); 3]) -> Self {
        Self
    }

    pub(crate) fn ran(&self, _: usize, _: &End, _: Option<Duration>) {}

    pub(crate) fn reported(&self, _: usize, _: &End) {}

    pub(crate) fn saw(&self, _: usize, _: Status, _: impl FnOnce() -> Pulse) {}

    pub(super) fn keep_kinds(&self, _: [(Kind, HealthState); 3]) {}

    pub(super) fn say_kinds(&self) {}

    pub(crate) fn probed(&self, _: Scope, _: u16) {}
}
