//! Which checks exist: annotated functions and checks created at run time become registered checks, or every problem is
//! reported at once.

pub(crate) mod check;
pub(crate) mod descriptor;
mod link;
pub(crate) mod linked;
pub(crate) mod liveness;
mod policy_edit;
pub(crate) mod policy_override;
pub(crate) mod start_error;
pub(crate) mod startup_log;
pub(crate) mod state;
mod status_source;
pub(crate) mod worker_watch;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::core::model::name;
use crate::core::model::policy::Policy;
use crate::core::model::status::{Kind, Kinds};
use check::Check;
use descriptor::{CheckFn, Descriptor};
pub(crate) use policy_edit::PolicyEdit;
use state::{ArgumentProblem, ArgumentResolver, Availability, StateValues};
pub(crate) use status_source::StatusSource;

/// A validated check.
pub(crate) struct RegisteredCheck {
    pub(crate) name: Arc<str>,
    pub(crate) kinds: Kinds,
    pub(crate) policy: Policy,
    pub(crate) source: StatusSource,
    /// `file:line`.
    pub(crate) location: String,
}

impl RegisteredCheck {
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
    pub(crate) without: Vec<String>,
    pub(crate) edits: Vec<(String, PolicyEdit)>,
    pub(crate) required: Vec<String>,
}

/// Returns the registered checks, sorted by name, and every problem.
pub(crate) fn resolve(config: RegistryConfig, values: &Arc<StateValues>) -> (Vec<RegisteredCheck>, Vec<String>) {
    let RegistryConfig { linked_checks, custom_checks, without, edits, required } = config;
    let mut problems = Vec::new();
    let mut checks = Vec::new();
    let disabled = policy_edit::disabled_checks(&edits);
    let mut left_out = Vec::new();

    for descriptor in if linked_checks { unique_descriptors(values) } else { Vec::new() } {
        if contains_name(&without, descriptor.name) || disabled.contains(&descriptor.name.to_ascii_lowercase()) {
            left_out.push(descriptor.name.to_owned());
            continue;
        }
        let check = from_descriptor(descriptor, values);
        problems.extend(argument_problems(descriptor, values).iter().map(|problem| describe_problem(&check, problem)));
        checks.push(check);
    }
    for check in custom_checks {
        if disabled.contains(&check.name.to_ascii_lowercase()) {
            left_out.push(check.name);
            continue;
        }
        let (check, found) = from_check(check);
        problems.extend(found.iter().map(|problem| format!("{check} {problem}")));
        checks.push(check);
    }
    checks.sort_by(|a, b| (&a.name, &a.location).cmp(&(&b.name, &b.location)));
    problems.extend(duplicate_names(&checks));

    problems.extend(without.iter().filter(|name| !contains_name(&left_out, name)).map(|name| {
        let linked = checks.iter().filter(|check| check.source.is_linked());
        unknown_name("without", name, "linked check", linked.map(|check| &*check.name))
    }));
    for (name, edit) in edits {
        if let Some(check) = checks.iter_mut().find(|check| name::same_name(&check.name, &name)) {
            problems.extend(edit.apply(check));
        } else if !contains_name(&left_out, &name) {
            problems.push(unknown_name(edit.method(), &name, "check", checks.iter().map(|check| &*check.name)));
        }
    }
    for check in &checks {
        problems.extend(check.policy.problems(check.kinds).iter().map(|problem| format!("{check} {problem}")));
    }
    let is_linked = |name: &str| checks.iter().any(|check| name::same_name(&check.name, name)) || contains_name(&left_out, name);
    for name in required.iter().filter(|name| !is_linked(name)) {
        problems.push(format!(
            "health check `{name}` is expected, but is not in this program; name its crate once, as in `health_runtime::link!(its_crate)`"
        ));
    }
    (checks, problems)
}

fn contains_name(names: &[String], name: &str) -> bool {
    names.iter().any(|other| name::same_name(other, name))
}

/// Returns every descriptor once, sorted by name. The order of the linker differs between build profiles.
fn unique_descriptors(values: &StateValues) -> Vec<&'static Descriptor> {
    let mut unique: BTreeMap<_, &'static Descriptor> = BTreeMap::new();
    for descriptor in linked::linked_checks() {
        let location = &descriptor.location;
        // A crate under test with a dev-dependency that depends on it is linked twice, each copy with its own types. The copy
        // whose state is registered counts.
        unique
            .entry((descriptor.name, location.module, location.file, location.line, location.column))
            .and_modify(|known| {
                if !argument_problems(known, values).is_empty() && argument_problems(descriptor, values).is_empty() {
                    *known = descriptor;
                }
            })
            .or_insert(descriptor);
    }
    unique.into_values().collect()
}

/// Returns the arguments that the registered state cannot provide. Does not call the function.
fn argument_problems(descriptor: &Descriptor, values: &StateValues) -> Vec<ArgumentProblem> {
    let mut resolver = ArgumentResolver::validate(values);
    match descriptor.run {
        CheckFn::Async(run) => drop(run(&mut resolver)),
        CheckFn::Blocking(run) => drop(run(&mut resolver)),
    }
    resolver.into_problems()
}

fn describe_problem(check: &RegisteredCheck, problem: &ArgumentProblem) -> String {
    let ArgumentProblem { type_text, is_unsized, availability } = problem;
    let takes = format!("{check} takes `{type_text}`, but");
    match availability {
        Availability::InArc => format!("{takes} only an `Arc` of that type is given; give it with `.shared_state(…)`"),
        Availability::InBox => {
            format!("{takes} only a `Box` of that type is given; give it with `.shared_state(Arc::from(…))`")
        }
        Availability::Twice => format!("{takes} it is given twice, as a value and in a `web::Data`; remove one"),
        Availability::Once | Availability::Missing => {
            let method = if *is_unsized { "shared_state" } else { "state" };
            format!("{takes} no value of that type is given; add `.{method}(…)` to the builder")
        }
    }
}

fn from_descriptor(descriptor: &'static Descriptor, values: &Arc<StateValues>) -> RegisteredCheck {
    RegisteredCheck {
        name: descriptor.name.into(),
        kinds: descriptor.kinds.iter().copied().collect(),
        policy: Policy::from(descriptor),
        source: StatusSource::Linked(descriptor.run, Arc::clone(values)),
        location: format!("{}:{}", descriptor.location.file, descriptor.location.line),
    }
}

fn from_check(check: Check) -> (RegisteredCheck, Vec<String>) {
    let Check { name, kinds, policy, has_cache, source, location } = check;
    let mut problems: Vec<String> = name::validate(&name).map(ToOwned::to_owned).into_iter().collect();
    if has_cache && policy.interval.is_some() {
        problems.push("has both `cache` and `interval`; remove `cache`, background results need none".to_owned());
    }
    match &source {
        StatusSource::Workers(watch) => problems.extend(watch.problem()),
        StatusSource::Custom(run) if kinds.has(Kind::Liveness) && run.is_external() => {
            let problem = "checks an external dependency and must not be a liveness check; use `Check::readiness`";
            problems.push(problem.to_owned());
        }
        StatusSource::Linked(..) | StatusSource::Custom(_) | StatusSource::Reported => {}
    }
    let location = format!("{}:{}", location.file(), location.line());
    (RegisteredCheck { name: name.into(), kinds, policy, source, location }, problems)
}

fn duplicate_names(checks: &[RegisteredCheck]) -> Vec<String> {
    let mut by_name: BTreeMap<String, Vec<&RegisteredCheck>> = BTreeMap::new();
    for check in checks {
        by_name.entry(check.name.to_ascii_lowercase()).or_default().push(check);
    }
    let duplicates = by_name.into_values().filter(|group| group.len() > 1);
    let describe = |group: Vec<&RegisteredCheck>| {
        let checks: Vec<String> = group.iter().map(ToString::to_string).collect();
        let has_linked = group.iter().any(|check| check.source.is_linked());
        let how = if has_linked { ", with `name = \"…\"` in the attribute" } else { "" };
        let remedy = if group.len() == 2 { "rename one" } else { "rename all but one" };
        format!("duplicate check name: {}; {remedy}{how}", checks.join(" and "))
    };
    duplicates.map(describe).collect()
}

/// The maximum number of names in a problem.
const MAX_LISTED: usize = 10;

fn unknown_name<'n>(method: &str, name: &str, what: &str, known: impl Iterator<Item = &'n str>) -> String {
    let known: Vec<String> = known.map(|name| format!("`{name}`")).collect();
    let known = match known.len() {
        0 => "there are none".to_owned(),
        1..=MAX_LISTED => format!("there are {}", known.join(", ")),
        count => format!("there are {} and {} more", known[..MAX_LISTED].join(", "), count - MAX_LISTED),
    };
    format!("`{method}` names health check `{name}`, but no {what} of that name is in this program; {known}")
}
