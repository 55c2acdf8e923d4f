//! The checks that an annotated function becomes: one, or one for each named value of the type of its argument with `#[each]`.

use std::fmt;
use std::sync::Arc;

use super::descriptor::Descriptor;
use super::resolver::Validation;
use super::state::StateValues;
use super::status_source::LinkedRun;
use super::{Dependencies, RegisteredCheck, StatusSource, arguments};
use crate::core::model::aggregate::Quorum;
use crate::core::model::name;
use crate::core::model::policy::Policy;

/// An annotated function, with what its arguments need of the registered state.
pub(super) struct Function {
    pub(super) descriptor: &'static Descriptor,
    validation: Validation,
    /// Identifies the function within one `Health`.
    index: usize,
}

/// The function that a check is an instance of.
#[derive(Clone, Copy)]
pub(crate) struct Group {
    descriptor: &'static Descriptor,
    /// Identifies the function within one `Health`.
    pub(crate) index: usize,
}

impl Group {
    /// Returns the name that is the start of the names of all instances.
    pub(super) fn name(self) -> &'static str {
        self.descriptor.name
    }

    /// Returns the rule about the state of all instances, if there is one.
    pub(crate) fn quorum(self) -> Option<Quorum> {
        let required = usize::try_from(self.descriptor.quorum?).unwrap_or(usize::MAX);
        Some(Quorum { group: self.index, required })
    }
}

impl Function {
    pub(super) fn new(index: usize, descriptor: &'static Descriptor, values: &StateValues) -> Self {
        Self { descriptor, validation: arguments::validate(descriptor, values), index }
    }

    /// Returns the names of its checks, or nothing where it has no argument with `#[each]`.
    pub(super) fn instances(&self) -> Option<impl Iterator<Item = String>> {
        let instances = self.validation.instances.as_ref()?;
        Some(instances.iter().map(|instance| instance_name(self.descriptor, instance)))
    }

    /// Whether one of its checks takes part, or it would if there were one.
    pub(super) fn is_included(&self, includes: impl Fn(&str) -> bool) -> bool {
        let mut names = self.instances().into_iter().flatten().peekable();
        if names.peek().is_none() { includes(self.descriptor.name) } else { names.any(|name| includes(&name)) }
    }

    /// Returns every problem of the function itself.
    pub(super) fn problems(&self) -> Vec<String> {
        let describe = |problem| format!("{self} {}", arguments::describe(self.descriptor.name, problem));
        let mut problems: Vec<String> = self.validation.problems.iter().map(describe).collect();
        let instances = self.validation.instances.as_ref().map_or(0, Vec::len);
        if let Some(quorum) = self.descriptor.quorum.filter(|quorum| instances > 0 && *quorum as usize > instances) {
            let found = if instances == 1 { "one instance".to_owned() } else { format!("{instances} instances") };
            problems
                .push(format!("{self} has a `quorum` of {quorum}, but {found}; lower it, or add named values to the builder"));
        }
        problems
    }

    /// Returns its checks, whose names `includes` accepts, each with its problem.
    pub(super) fn checks(
        &self,
        values: &Arc<StateValues>,
        includes: impl Fn(&str) -> bool,
    ) -> Vec<(RegisteredCheck, Option<&'static str>)> {
        let Some(instances) = &self.validation.instances else {
            let check = includes(self.descriptor.name).then(|| (self.check(self.descriptor.name, values, None), None));
            return check.into_iter().collect();
        };
        let named = instances.iter().map(|instance| (instance, instance_name(self.descriptor, instance)));
        let selected = named.filter(|(_, name)| includes(name));
        selected.map(|(instance, name)| (self.check(&name, values, Some(instance)), name::validate(&name))).collect()
    }

    fn check(&self, name: &str, values: &Arc<StateValues>, instance: Option<&str>) -> RegisteredCheck {
        let Self { descriptor, index, .. } = *self;
        let mut policy = Policy::from(descriptor);
        let group = instance.map(|_| Group { descriptor, index });
        if group.is_some() && !policy.tags.iter().any(|tag| tag == descriptor.name) {
            policy.tags.push(descriptor.name.to_owned());
        }
        let run = LinkedRun { run: descriptor.run, values: Arc::clone(values), instance: instance.map(Arc::from) };
        RegisteredCheck {
            name: name.into(),
            kinds: descriptor.kinds.iter().copied().collect(),
            policy,
            source: StatusSource::Linked(run),
            location: (&descriptor.location).into(),
            dependencies: Dependencies::new(descriptor.after.iter().map(ToString::to_string).collect()),
            group,
        }
    }
}

fn instance_name(descriptor: &Descriptor, instance: &str) -> String {
    format!("{}.{instance}", descriptor.name)
}

impl fmt::Display for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "health check `{}` ({})", self.descriptor.name, self.descriptor.location)
    }
}
