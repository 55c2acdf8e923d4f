//! The names that the attribute knows: its kinds and its options.

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
    Grace,
    Slow,
    Shared,
    After,
    Quorum,
    Tags,
    Description,
    Crate,
}

const KINDS: [(&str, Kind); 3] = [("liveness", Kind::Liveness), ("readiness", Kind::Readiness), ("startup", Kind::Startup)];

/// Each option with an example value for messages.
const KEYS: [(&str, Key, &str); 15] = [
    ("name", Key::Name, "\"orders-db\""),
    ("timeout", Key::Timeout, "\"500ms\""),
    ("critical", Key::Critical, "false"),
    ("cache", Key::Cache, "\"5s\""),
    ("interval", Key::Interval, "\"10s\""),
    ("failure_threshold", Key::FailureThreshold, "3"),
    ("success_threshold", Key::SuccessThreshold, "2"),
    ("grace", Key::Grace, "\"30s\""),
    ("slow", Key::Slow, "\"200ms\""),
    ("shared", Key::Shared, "true"),
    ("after", Key::After, "[\"database\"]"),
    ("quorum", Key::Quorum, "1"),
    ("tags", Key::Tags, "[\"storage\"]"),
    ("description", Key::Description, "\"the orders database answers\""),
    ("crate", Key::Crate, "::health_runtime"),
];

/// Returns the kind with this name, which is an `Ident` or a `str`.
pub(crate) fn find_kind(name: &(impl PartialEq<str> + ?Sized)) -> Option<Kind> {
    KINDS.into_iter().find(|(known, _)| name == *known).map(|(_, kind)| kind)
}

/// Returns the option with this name, which is an `Ident` or a `str`.
pub(crate) fn find_key(name: &(impl PartialEq<str> + ?Sized)) -> Option<Key> {
    KEYS.into_iter().find(|(known, ..)| name == *known).map(|(_, key, _)| key)
}

/// Returns the option with a valid value, as in `timeout = "500ms"`.
pub(crate) fn example(key: Key) -> String {
    KEYS.into_iter().find(|(_, known, _)| *known == key).map(|(name, _, value)| format!("{name} = {value}")).unwrap_or_default()
}

pub(crate) fn kind_names() -> impl Iterator<Item = &'static str> {
    KINDS.into_iter().map(|(name, _)| name)
}

/// Returns the names of all kinds, then of all options.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    kind_names().chain(KEYS.into_iter().map(|(name, ..)| name))
}
