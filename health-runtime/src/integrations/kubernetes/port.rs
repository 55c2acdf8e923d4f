//! Where the kubelet asks: port and path, of characters that mean nothing to YAML between quotes.

use std::fmt;

use crate::core::model::status::{Kind, Scope};
use crate::http::routes::{DEFAULT_PATHS, normalize};

/// The longest name that Kubernetes takes for a port.
const LONGEST_NAME: usize = 15;

/// What a path may have beside letters and digits: all that stands for itself in the path of a URL.
const PATH_CHARACTERS: &str = "/-._~!$&'()*+,;=:@";

/// The port of the container that the server binds: its number, or the name that `ports:` gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Port {
    /// Such as 8080.
    Number(u16),
    /// Such as `http`, with an entry in the container's `ports:`.
    Name(String),
}

impl From<u16> for Port {
    fn from(number: u16) -> Self {
        Self::Number(number)
    }
}

impl From<&str> for Port {
    fn from(name: &str) -> Self {
        Self::Name(name.to_owned())
    }
}

impl From<String> for Port {
    fn from(name: String) -> Self {
        Self::Name(name)
    }
}

/// As a value in YAML. Names are quoted, because `no` and `1e3` are not strings there.
impl fmt::Display for Port {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Name(name) => write!(f, "\"{name}\""),
        }
    }
}

impl Port {
    pub(super) fn mistake(&self) -> Option<String> {
        let Self::Name(name) = self else {
            return (*self == Self::Number(0))
                .then(|| "`port` is 0, which nobody can ask; give the one that the server binds, such as 8080".to_owned());
        };
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if name.bytes().any(|byte| byte.is_ascii_digit()) && name.bytes().all(|byte| byte.is_ascii_digit()) {
            return Some(format!("`port` is the text \"{name}\"; give the number without quotes"));
        }
        let fits = (1..=LONGEST_NAME).contains(&name.len())
            && name.bytes().all(allowed)
            && name.bytes().any(|byte| byte.is_ascii_lowercase())
            && !name.starts_with('-')
            && !name.ends_with('-')
            && !name.contains("--");
        (!fits).then(|| {
            format!(
                "`port` is {name:?}, which Kubernetes does not take as the name of a port; give 1 to 15 of `a-z 0-9 -` with a letter and single dashes inside, such as \"http\""
            )
        })
    }
}

/// The path at which a kind is answered, as [`HealthService`](crate::HealthService) mounts it.
pub(super) fn path(kind: Kind, prefix: &str, own: Option<&String>) -> String {
    let default = || DEFAULT_PATHS.iter().find(|(scope, _)| *scope == Scope::Kind(kind)).map_or("", |(_, path)| path);
    let path = format!("{}{}", normalize(prefix), normalize(own.map_or_else(default, String::as_str)));
    if path.is_empty() { "/".to_owned() } else { path }
}

/// What is wrong with a path that was given to `method`.
pub(super) fn path_mistake(method: &str, path: &str) -> Option<String> {
    let allowed = |character: char| character.is_ascii_alphanumeric() || PATH_CHARACTERS.contains(character);
    if !path.chars().all(allowed) {
        let spaced = PATH_CHARACTERS.chars().map(String::from).collect::<Vec<_>>().join(" ");
        return Some(format!("`{method}` is given {path:?}; use letters, digits and `{spaced}` only"));
    }
    // `//name/…` is a host and a path to the kubelet.
    path.contains("//").then(|| format!("`{method}` is given {path:?}; write single slashes"))
}
