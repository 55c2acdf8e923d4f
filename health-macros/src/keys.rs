//! The words of the attribute: its kinds and its options.

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Liveness,
    Readiness,
    Startup,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Key {
    Name,
    Timeout,
    Critical,
    Cache,
    Interval,
    FailureThreshold,
    SuccessThreshold,
    Tags,
    Description,
    Crate,
}

const KINDS: [(&str, Kind); 3] = [("liveness", Kind::Liveness), ("readiness", Kind::Readiness), ("startup", Kind::Startup)];

/// Each option, with a value to show in messages.
const KEYS: [(&str, Key, &str); 10] = [
    ("name", Key::Name, "\"orders-db\""),
    ("timeout", Key::Timeout, "\"500ms\""),
    ("critical", Key::Critical, "false"),
    ("cache", Key::Cache, "\"5s\""),
    ("interval", Key::Interval, "\"10s\""),
    ("failure_threshold", Key::FailureThreshold, "3"),
    ("success_threshold", Key::SuccessThreshold, "2"),
    ("tags", Key::Tags, "[\"storage\"]"),
    ("description", Key::Description, "\"the orders database answers\""),
    ("crate", Key::Crate, "::health_runtime"),
];

/// Takes words and texts alike.
pub(crate) fn kind(word: &(impl PartialEq<str> + ?Sized)) -> Option<Kind> {
    KINDS.into_iter().find(|(name, _)| word == *name).map(|(_, kind)| kind)
}

pub(crate) fn key(word: &(impl PartialEq<str> + ?Sized)) -> Option<(&'static str, Key)> {
    KEYS.into_iter().find(|(name, ..)| word == *name).map(|(name, key, _)| (name, key))
}

/// The option with a value of the right form.
pub(crate) fn example(key: &str) -> String {
    KEYS.into_iter().find(|(name, ..)| *name == key).map(|(name, _, value)| format!("{name} = {value}")).unwrap_or_default()
}

pub(crate) fn kinds() -> impl Iterator<Item = &'static str> {
    KINDS.into_iter().map(|(name, _)| name)
}

/// Every word, the kinds first.
pub(crate) fn words() -> impl Iterator<Item = &'static str> {
    kinds().chain(KEYS.into_iter().map(|(name, ..)| name))
}
