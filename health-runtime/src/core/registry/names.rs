//! The names of the checks of a program, compared ignoring ASCII case, and the problems with names.

use std::borrow::Cow;
use std::cell::{Cell, OnceCell};
use std::collections::HashMap;

use super::RegisteredCheck;
use crate::core::model::sort::sort_by;
use crate::text::suggest;

/// The maximum number of names in a problem, and of problems with a suggestion: each compares every name.
const MAX_LISTED: usize = 10;

/// The names of all checks, also of those that are left out.
#[derive(Default)]
pub(super) struct Names {
    by_key: HashMap<String, Entry>,
    /// The names in order, once a problem needs them.
    sorted: OnceCell<Vec<SortedName>>,
    suggestions: Cell<usize>,
}

struct SortedName {
    name: String,
    is_linked: bool,
}

struct Entry {
    name: String,
    is_linked: bool,
    /// The keys of the instances, if it is the name of a function with `#[each]`.
    instances: Vec<String>,
    /// The positions of the registered checks with this name: all instances of a function.
    indexes: Vec<usize>,
}

/// Returns the text that is equal for equal names.
pub(super) fn key(name: &str) -> Cow<'_, str> {
    if name.bytes().any(|byte| byte.is_ascii_uppercase()) { name.to_ascii_lowercase().into() } else { name.into() }
}

impl Names {
    /// Adds a check created at run time.
    pub(super) fn add(&mut self, name: &str) {
        self.entry(name);
    }

    /// Adds an annotated function, with the names of its instances if it has an argument with `#[each]`.
    pub(super) fn add_function(&mut self, name: &str, instances: Option<impl Iterator<Item = String>>) {
        let instances: Vec<String> = instances.into_iter().flatten().collect();
        for instance in &instances {
            self.entry(instance).is_linked = true;
        }
        let entry = self.entry(name);
        entry.is_linked = true;
        entry.instances.extend(instances.iter().map(|instance| key(instance).into_owned()));
    }

    fn entry(&mut self, name: &str) -> &mut Entry {
        let new = || Entry { name: name.to_owned(), is_linked: false, instances: Vec::new(), indexes: Vec::new() };
        self.sorted.take();
        self.by_key.entry(key(name).into_owned()).or_insert_with(new)
    }

    /// Sets the positions of the registered checks. Of several checks with one name the first one counts. Returns whether a name may
    /// be a duplicate: two checks have one, or a check is an instance of a function, whose name no other check may have.
    pub(super) fn set_indexes(&mut self, checks: &[RegisteredCheck]) -> bool {
        let mut may_be_duplicate = false;
        for (index, check) in checks.iter().enumerate() {
            match self.by_key.get_mut(&*key(&check.name)) {
                Some(entry) if entry.indexes.is_empty() => entry.indexes.push(index),
                Some(_) | None => may_be_duplicate = true,
            }
            if let Some(group) = check.group {
                may_be_duplicate = true;
                self.by_key.get_mut(&*key(group.name())).into_iter().for_each(|entry| entry.indexes.push(index));
            }
        }
        may_be_duplicate
    }

    /// Returns the keys of the checks with a name: those of all instances of a function, or its own.
    pub(super) fn keys(&self, name: &str) -> Vec<String> {
        let key = key(name);
        match self.by_key.get(&*key) {
            Some(entry) if !entry.instances.is_empty() => entry.instances.clone(),
            Some(_) | None => vec![key.into_owned()],
        }
    }

    /// Returns all names in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        self.sorted().iter().map(|sorted| &*sorted.name)
    }

    fn sorted(&self) -> &[SortedName] {
        self.sorted.get_or_init(|| {
            let mut entries: Vec<_> = self.by_key.iter().collect();
            sort_by(&mut entries, |(a, _), (b, _)| a.cmp(b));
            let sorted = |(_, entry): (_, &Entry)| SortedName { name: entry.name.clone(), is_linked: entry.is_linked };
            entries.into_iter().map(sorted).collect()
        })
    }

    pub(super) fn contains(&self, name: &str) -> bool {
        self.by_key.contains_key(&*key(name))
    }

    pub(super) fn contains_linked(&self, name: &str) -> bool {
        self.by_key.get(&*key(name)).is_some_and(|entry| entry.is_linked)
    }

    /// Returns the positions of the registered checks with a name: all instances of a function. Returns `None` for an unknown name.
    pub(super) fn indexes_of(&self, name: &str) -> Option<&[usize]> {
        self.by_key.get(&*key(name)).map(|entry| entry.indexes.as_slice())
    }

    /// Returns the problem that no check has the name that a call of `method` contains.
    pub(super) fn unknown(&self, method: &str, name: &str) -> String {
        self.describe_unknown(method, name, "check", || self.iter())
    }

    /// Returns the problem that no linked check has the name that a call of `method` contains.
    pub(super) fn unknown_linked(&self, method: &str, name: &str) -> String {
        let linked = || self.sorted().iter().filter(|sorted| sorted.is_linked).map(|sorted| &*sorted.name);
        self.describe_unknown(method, name, "linked check", linked)
    }

    /// Returns the problem that a check runs after a check that does not exist, as the rest of a sentence.
    pub(super) fn unknown_parent(&self, name: &str) -> String {
        let remedy = match self.nearest(name, self.iter()) {
            Some(nearest) => format!("did you mean `{nearest}`?"),
            None => "remove it from `after`, or link its crate".to_owned(),
        };
        format!("runs after `{name}`, but no check of that name is in this program; {remedy}")
    }

    fn describe_unknown<'k, I: Iterator<Item = &'k str>>(
        &'k self,
        method: &str,
        name: &str,
        what: &str,
        known: impl Fn() -> I,
    ) -> String {
        let listed: Vec<String> = known().take(MAX_LISTED).map(|name| format!("`{name}`")).collect();
        let remedy = match (self.nearest(name, known()), known().count() - listed.len()) {
            (Some(nearest), _) => format!("did you mean `{nearest}`?"),
            (None, _) if listed.is_empty() => "there are none".to_owned(),
            (None, 0) => format!("there are {}", listed.join(", ")),
            (None, more) => format!("there are {} and {more} more", listed.join(", ")),
        };
        format!("`{method}` names health check `{name}`, but no {what} of that name is in this program; {remedy}")
    }

    /// Returns the problem that a required check is not in the program.
    pub(super) fn missing(&self, name: &str) -> String {
        let nearest =
            self.nearest(name, self.iter()).map(|nearest| format!("did you mean `{nearest}`? If not, ")).unwrap_or_default();
        let link = "name its crate once, as in `health_runtime::link!(its_crate)`";
        format!("health check `{name}` is expected, but is not in this program; {nearest}{link}")
    }

    /// Returns the nearest of the known texts, for the first problems only.
    pub(super) fn nearest<'k>(&self, text: &str, known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
        let count = self.suggestions.replace(self.suggestions.get() + 1);
        if count < MAX_LISTED { suggest::nearest(text, known) } else { None }
    }
}
