//! Which checks exist: annotated functions and checks created at run time become registered checks, or every problem is
//! reported at once.

mod after;
mod arguments;
pub(crate) mod check;
mod copies;
pub(crate) mod descriptor;
mod duplicates;
mod environment;
mod function;
pub(crate) mod heartbeat_watch;
mod last_beat;
mod link;
pub(crate) mod linked;
pub(crate) mod liveness;
mod names;
mod policy_edit;
pub(crate) mod policy_override;
pub(crate) mod resolver;
pub(crate) mod run;
pub(crate) mod runtime_watch;
mod selection;
pub(crate) mod settings;
pub(crate) mod start_error;
pub(crate) mod startup_log;
pub(crate) mod state;
mod status_source;
pub(crate) mod worker_watch;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::core::model::aggregate::Quorum;
use crate::core::model::name;
use crate::core::model::policy::Policy;
use crate::core::model::sort::sort_by;
use crate::core::model::status::{Kind, Kinds};
use check::Check;
use descriptor::FileLine;
pub(crate) use environment::Environment;
use function::Function;
pub(crate) use function::Group;
use names::Names;
pub(crate) use policy_edit::{NamedEdit, PolicyChange, PolicyEdit};
use selection::Selection;
use state::StateValues;
pub(crate) use status_source::{LinkedRun, StatusSource};

/// A validated check.
pub(crate) struct RegisteredCheck {
    pub(crate) name: Arc<str>,
    pub(crate) kinds: Kinds,
    pub(crate) policy: Policy,
    pub(crate) source: StatusSource,
    pub(crate) location: FileLine,
    /// `None` for a check that runs after none, as most do.
    dependencies: Option<Box<Dependencies>>,
    /// The function that it is an instance of, where that has an argument with `#[each]`.
    pub(crate) group: Option<Group>,
}

/// What a check runs after.
#[derive(Default)]
pub(crate) struct Dependencies {
    /// The names of the checks that it runs after.
    after: Vec<String>,
    /// The positions of those that take part, in the order of names.
    pub(crate) parents: Vec<usize>,
    /// The numbers of the functions of which all instances together are one parent.
    pub(crate) parent_groups: Vec<usize>,
    /// The length of the longest chain of parents.
    pub(crate) depth: usize,
}

impl Dependencies {
    const NONE: &Self = &Self { after: Vec::new(), parents: Vec::new(), parent_groups: Vec::new(), depth: 0 };

    fn new(after: Vec<String>) -> Option<Box<Self>> {
        (!after.is_empty()).then(|| Box::new(Self { after, ..Self::default() }))
    }
}

impl RegisteredCheck {
    /// Returns what it runs after.
    pub(crate) fn dependencies(&self) -> &Dependencies {
        self.dependencies.as_deref().unwrap_or(Dependencies::NONE)
    }

    /// Returns the rule about the state of all instances of its function, if there is one.
    pub(crate) fn quorum(&self) -> Option<Quorum> {
        self.group.and_then(Group::quorum)
    }

    /// Returns how long the reporters of a reported check with an interval may be silent.
    pub(crate) fn max_silence(&self) -> Option<Duration> {
        if matches!(self.source, StatusSource::Reported) { self.policy.max_silence() } else { None }
    }

    /// Whether the check no longer runs once startup has passed.
    pub(crate) fn is_startup_only(&self) -> bool {
        self.kinds.only(Kind::Startup)
    }
}

impl fmt::Display for RegisteredCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "health check `{}` ({})", self.name, self.location)
    }
}

/// What the builder was configured with.
#[derive(Default)]
pub(crate) struct RegistryConfig {
    pub(crate) linked_checks: bool,
    pub(crate) custom_checks: Vec<Check>,
    /// The linked checks to include. `None` for all.
    pub(crate) only: Option<Vec<String>>,
    pub(crate) without: Vec<String>,
    pub(crate) changes: Vec<PolicyChange>,
    pub(crate) required: Vec<String>,
}

/// The tag of the checks with `shared`.
const SHARED_TAG: &str = "shared";

/// Returns the registered checks, sorted by name, and every problem.
pub(crate) fn resolve(config: RegistryConfig, values: &Arc<StateValues>) -> (Vec<RegisteredCheck>, Vec<String>) {
    let RegistryConfig { linked_checks, custom_checks, only, without, changes, required } = config;
    let descriptors = if linked_checks { copies::without_copies(linked::linked_checks(), values) } else { Vec::new() };
    let functions: Vec<Function> =
        descriptors.into_iter().enumerate().map(|(index, descriptor)| Function::new(index, descriptor, values)).collect();
    let mut names = Names::default();
    for function in &functions {
        names.add_function(function.descriptor.name, function.instances());
    }
    for check in &custom_checks {
        names.add(&check.name);
    }
    let (edits, environment_problems) = policy_edit::edits(changes, &names);
    let selection = Selection::new(only, without, policy_edit::disabled_checks(&edits, &names), &names);
    let (mut checks, mut problems) = (Vec::new(), Vec::new());

    for function in functions.iter().filter(|function| function.is_included(|name| selection.includes_linked(name))) {
        problems.extend(function.problems());
        for (check, problem) in function.checks(values, |name| selection.includes_linked(name)) {
            problems.extend(problem.map(|problem| format!("{check} {problem}")));
            checks.push(check);
        }
    }
    for check in custom_checks.into_iter().filter(|check| selection.includes(&check.name)) {
        let (check, found) = from_check(check);
        problems.extend(found.iter().map(|problem| format!("{check} {problem}")));
        checks.push(check);
    }
    sort_by(&mut checks, |a, b| (&a.name, &a.location).cmp(&(&b.name, &b.location)));
    if names.set_indexes(&checks) {
        problems.extend(duplicates::problems(&checks));
    }
    problems.extend(selection.problems(&names));
    problems.extend(environment_problems);

    for NamedEdit { method, name, edit } in edits {
        match names.indexes_of(&name) {
            Some(indexes) => problems.extend(edit.apply(&mut checks, indexes)),
            None => problems.push(names.unknown(method, &name)),
        }
    }
    for check in checks.iter_mut().filter(|check| check.policy.shared) {
        let tags = &mut check.policy.tags;
        if !tags.iter().any(|tag| tag == SHARED_TAG) {
            tags.push(SHARED_TAG.to_owned());
        }
    }
    for check in &checks {
        let has_parents = check.dependencies.is_some() && !check.source.is_executable();
        let unused = check.source.unused_options(&check.policy).into_iter().chain(has_parents.then_some("after"));
        let unused = unused.map(|option| format!("has no runs, so its `{option}` has no effect; remove it"));
        let found = check.policy.problems(check.kinds).into_iter().chain(unused);
        problems.extend(found.map(|problem| format!("{check} {problem}")));
    }
    problems.extend(after::resolve(&mut checks, &names));
    problems.extend(required.iter().filter(|name| !names.contains(name)).map(|name| names.missing(name)));
    (checks, problems)
}

fn from_check(check: Check) -> (RegisteredCheck, Vec<String>) {
    let Check { name, kinds, policy, after, has_cache, source, location } = check;
    let mut problems: Vec<String> = name::validate(&name).map(ToOwned::to_owned).into_iter().collect();
    if has_cache && policy.interval.is_some() {
        problems.push("has both `cache` and `interval`; remove `cache`, background results need none".to_owned());
    }
    match &source {
        StatusSource::Workers(watch) => problems.extend(watch.problem()),
        StatusSource::Runtime(watch) => problems.extend(watch.problem()),
        StatusSource::Heartbeat(watch) => problems.extend(watch.problem()),
        StatusSource::Custom(run) if kinds.has(Kind::Liveness) && run.is_external() => {
            let problem = "checks an external dependency and must not be a liveness check; use `Check::readiness`";
            problems.push(problem.to_owned());
        }
        StatusSource::Linked(..) | StatusSource::Custom(_) | StatusSource::Reported => {}
    }
    (
        RegisteredCheck {
            name: name.into(),
            kinds,
            policy,
            source,
            location: location.into(),
            dependencies: Dependencies::new(after),
            group: None,
        },
        problems,
    )
}
