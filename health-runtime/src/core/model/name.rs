//! The names of checks and tags.

/// The maximum length of a name in bytes.
const MAX_NAME_BYTES: usize = 63;

/// Returns what is wrong with a name, as the rest of a sentence that starts with the check.
pub(crate) fn validate(name: &str) -> Option<&'static str> {
    let first = name.bytes().next();
    if first.is_none() {
        Some("has an empty name; choose one, such as `database`")
    } else if name.len() > MAX_NAME_BYTES {
        Some("has a name of more than 63 bytes; shorten it")
    } else if !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte)) {
        Some("has a name with other characters than `A-Z a-z 0-9 _ . -`; replace them")
    } else if !first.is_some_and(|byte| byte.is_ascii_alphanumeric()) {
        Some("has a name that does not start with a letter or a digit; add one in front")
    } else {
        None
    }
}

/// Whether two names are equal, ignoring ASCII case.
pub(crate) fn same_name(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b)
}
