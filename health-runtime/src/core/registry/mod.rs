//! From linked descriptors and checks made at run time to the checks of one `Health`, or every problem at once.

pub(crate) mod check;
pub(crate) mod descriptor;
mod link;
pub(crate) mod liveness;
mod policy_edit;
pub(crate) mod policy_override;
pub(crate) mod start_error;
pub(crate) mod startup_log;
pub(crate) mod state;
pub(crate) mod worker_watch;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::core::model::name;
use crate::core::model::policy::Policy;
use crate::core::model::status::{Kind, Kinds};
use crate::core::registry::check::{Check, Run, Source};
use crate::core::registry::descriptor::{Descriptor, LinkedRun};
use crate::core::registry::state::{Call, Given, Values, Wrong};
use crate::core::registry::worker_watch::Workers;
pub(crate) use policy_edit::Edit;

/// A check with everything about it known to be right.
pub(crate) struct Registered {
    pub(crate) name: Arc<str>,
    pub(crate) kinds: Kinds,
    pub(crate) policy: Policy,
    pub(crate) runner: Runner,
    /// `file:line`.
    pub(crate) place: String,
}

/// What is run.
pub(crate) enum Runner {
    /// An annotated function, with the state that it borrows from.
    Linked(LinkedRun, Arc<Values>),
    /// Made at run time.
    Own(Arc<dyn Run>),
    /// The application pushes its status.
    Reported,
    /// Its status is made of the workers when it is read.
    Watched(Arc<Workers>),
}

impl Runner {
    pub(crate) fn has_runs(&self) -> bool {
        matches!(self, Self::Linked(..) | Self::Own(_))
    }
}

impl Registered {
    /// Runs no more once startup has passed.
    pub(crate) fn is_startup_only(&self) -> bool {
        self.kinds.only(Kind::Startup)
    }
}

impl fmt::Display for Registered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "health check `{}` ({})", self.name, self.place)
    }
}

/// What the builder was told about checks.
#[derive(Default)]
pub(crate) struct Wanted {
    pub(crate) linked: bool,
    pub(crate) own: Vec<Check>,
    pub(crate) without: Vec<String>,
    pub(crate) edits: Vec<(String, Edit)>,
    pub(crate) expected: Vec<String>,
}

/// The checks, sorted by name, and what is wrong.
pub(crate) fn resolve(wanted: Wanted, values: &Arc<Values>) -> (Vec<Registered>, Vec<String>) {
    let Wanted { linked, own, without, edits, expected } = wanted;
    let mut problems = Vec::new();
    let mut checks = Vec::new();
    let disabled = policy_edit::disabled(&edits);
    let mut left_out = Vec::new();

    for descriptor in if linked { linked_descriptors(values) } else { Vec::new() } {
        if names(&without, descriptor.name) || disabled.contains(&descriptor.name.to_ascii_lowercase()) {
            left_out.push(descriptor.name.to_owned());
            continue;
        }
        let check = from_descriptor(descriptor, values);
        problems.extend(wrong(descriptor, values).iter().map(|wrong| wrong_state(&check, wrong)));
        checks.push(check);
    }
    for check in own {
        if disabled.contains(&check.name.to_ascii_lowercase()) {
            left_out.push(check.name);
            continue;
        }
        let (check, mistakes) = from_check(check);
        problems.extend(mistakes.iter().map(|mistake| format!("{check} {mistake}")));
        checks.push(check);
    }
    checks.sort_by(|a, b| (&a.name, &a.place).cmp(&(&b.name, &b.place)));
    problems.extend(twins(&checks));

    problems.extend(without.iter().filter(|name| !names(&left_out, name)).map(|name| {
        let linked = checks.iter().filter(|check| matches!(check.runner, Runner::Linked(..)));
        unknown("without", name, "linked check", linked.map(|check| &*check.name))
    }));
    for (name, edit) in edits {
        if let Some(check) = checks.iter_mut().find(|check| name::same(&check.name, &name)) {
            problems.extend(edit.apply(check));
        } else if !names(&left_out, &name) {
            problems.push(unknown(edit.method(), &name, "check", checks.iter().map(|check| &*check.name)));
        }
    }
    for check in &checks {
        problems.extend(check.policy.mistakes(check.kinds).iter().map(|mistake| format!("{check} {mistake}")));
    }
    let is_linked = |name: &str| checks.iter().any(|check| name::same(&check.name, name)) || names(&left_out, name);
    for name in expected.iter().filter(|name| !is_linked(name)) {
        problems.push(format!(
            "health check `{name}` is expected, but is not in this program; name its crate once, as in `health_runtime::link!(cache)`"
        ));
    }
    (checks, problems)
}

fn names(list: &[String], name: &str) -> bool {
    list.iter().any(|listed| name::same(listed, name))
}

/// All descriptors, sorted, each place once. The order in which the linker lays them out differs between build profiles.
fn linked_descriptors(values: &Values) -> Vec<&'static Descriptor> {
    let mut by_place: BTreeMap<_, &'static Descriptor> = BTreeMap::new();
    for descriptor in inventory::iter::<Descriptor> {
        let place = &descriptor.place;
        // A crate under test with a dev-dependency that depends on it stands in the program twice, with types of its
        // own in each copy: the copy counts whose state was given.
        by_place
            .entry((descriptor.name, place.module, place.file, place.line, place.column))
            .and_modify(|held| {
                if !wrong(held, values).is_empty() && wrong(descriptor, values).is_empty() {
                    *held = descriptor;
                }
            })
            .or_insert(descriptor);
    }
    by_place.into_values().collect()
}

/// Which arguments cannot be told from what was given. The function itself is not called.
fn wrong(descriptor: &Descriptor, values: &Values) -> Vec<Wrong> {
    let mut call = Call::plan(values);
    match descriptor.run {
        LinkedRun::Async(run) => drop(run(&mut call)),
        LinkedRun::Blocking(run) => drop(run(&mut call)),
    }
    call.wrong()
}

fn wrong_state(check: &Registered, wrong: &Wrong) -> String {
    let Wrong { written, is_unsized, given } = wrong;
    let takes = format!("{check} takes `{written}`, but");
    match given {
        Given::InArc => format!("{takes} only an `Arc` of that type is given; give it with `.shared_state(…)`"),
        Given::InBox => format!("{takes} only a `Box` of that type is given; give it with `.shared_state(Arc::from(…))`"),
        Given::Twice => format!("{takes} it is given twice, by itself and in a `web::Data`; drop one"),
        Given::Once | Given::Not => {
            let remedy = if *is_unsized { "shared_state" } else { "state" };
            format!("{takes} no value of that type is given; add `.{remedy}(…)` to the builder")
        }
    }
}

fn from_descriptor(descriptor: &'static Descriptor, values: &Arc<Values>) -> Registered {
    Registered {
        name: descriptor.name.into(),
        kinds: descriptor.kinds.iter().copied().collect(),
        policy: Policy::from(descriptor),
        runner: Runner::Linked(descriptor.run, Arc::clone(values)),
        place: format!("{}:{}", descriptor.place.file, descriptor.place.line),
    }
}

fn from_check(check: Check) -> (Registered, Vec<String>) {
    let Check { name, kinds, policy, cache_given, source, place } = check;
    let mut mistakes: Vec<String> = name::mistake(&name).map(ToOwned::to_owned).into_iter().collect();
    if cache_given && policy.interval.is_some() {
        mistakes.push("has both `cache` and `interval`; a background run is its own cache, so leave `cache` out".to_owned());
    }
    let runner = match source {
        Source::Run(run) => Runner::Own(run),
        Source::Reported => Runner::Reported,
        Source::Watched(workers) => {
            mistakes.extend(workers.mistake());
            Runner::Watched(workers)
        }
    };
    if kinds.has(Kind::Liveness) && matches!(&runner, Runner::Own(run) if run.touches_outside()) {
        mistakes
            .push("is liveness and touches the outside, which a restart would not mend; make it `Check::readiness`".to_owned());
    }
    let place = format!("{}:{}", place.file(), place.line());
    (Registered { name: name.into(), kinds, policy, runner, place }, mistakes)
}

fn twins(checks: &[Registered]) -> Vec<String> {
    let mut by_name: BTreeMap<String, Vec<&Registered>> = BTreeMap::new();
    for check in checks {
        by_name.entry(check.name.to_ascii_lowercase()).or_default().push(check);
    }
    by_name
        .into_values()
        .filter(|group| group.len() > 1)
        .map(|group| {
            let places: Vec<String> = group.iter().map(ToString::to_string).collect();
            let are_linked = group.iter().any(|check| matches!(check.runner, Runner::Linked(..)));
            let how = if are_linked { ", with `name = \"…\"` in the attribute" } else { "" };
            format!("{} have one name; rename all but one{how}", places.join(" and "))
        })
        .collect()
}

/// The most names that a problem lists.
const LISTED: usize = 10;

fn unknown<'n>(method: &str, name: &str, what: &str, known: impl Iterator<Item = &'n str>) -> String {
    let known: Vec<String> = known.map(|name| format!("`{name}`")).collect();
    let known = match known.len() {
        0 => "there are none".to_owned(),
        1..=LISTED => format!("there are {}", known.join(", ")),
        count => format!("there are {} and {} more", known[..LISTED].join(", "), count - LISTED),
    };
    format!("`{method}` names health check `{name}`, but no {what} of that name is in this program; {known}")
}
