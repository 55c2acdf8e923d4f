//! What a check may be called.

/// The most bytes that a name may have.
const LONGEST: usize = 63;

/// What is wrong with a name, as the rest of a sentence.
pub(crate) fn mistake(name: &str) -> Option<&'static str> {
    let first = name.bytes().next();
    if first.is_none() {
        Some("has no name; give one, such as `database`")
    } else if name.len() > LONGEST {
        Some("has a name of more than 63 bytes; shorten it")
    } else if !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte)) {
        Some("has a name with other characters than `A-Z a-z 0-9 _ . -`; replace them")
    } else if !first.is_some_and(|byte| byte.is_ascii_alphanumeric()) {
        Some("has a name that does not begin with a letter or a digit; put one first")
    } else {
        None
    }
}

/// Names that differ only in the case of ASCII letters are one name.
pub(crate) fn same(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b)
}
