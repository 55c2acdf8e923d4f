//! The port of the probes.

use std::fmt;

/// The maximum length of a port name in Kubernetes.
const MAX_NAME_LEN: usize = 15;

/// The container port that the server binds: its number, or its name in `ports:`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Port {
    /// The number, such as 8080.
    Number(u16),
    /// The name, such as `http`, which needs an entry in the container's `ports:`.
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

/// Writes a YAML value. Names are quoted, because `no` and `1e3` are not strings in YAML.
impl fmt::Display for Port {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Name(name) => write!(f, "\"{name}\""),
        }
    }
}

impl Port {
    pub(super) fn problem(&self) -> Option<String> {
        let name = match self {
            Self::Number(0) => return Some("`port` is 0; use the port that the server binds, such as 8080".to_owned()),
            Self::Number(_) => return None,
            Self::Name(name) => name,
        };
        if !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit()) {
            return Some(format!("`port` is the text \"{name}\"; use the number without quotes"));
        }
        let is_valid = (1..=MAX_NAME_LEN).contains(&name.len())
            && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
            && name.bytes().any(|byte| byte.is_ascii_lowercase())
            && !(name.starts_with('-') || name.ends_with('-') || name.contains("--"));
        (!is_valid).then(|| {
            format!(
                "`port` is {name:?}, which is not a valid port name in Kubernetes; use 1 to 15 of `a-z 0-9 -` with a letter and no leading, trailing or double dash, such as \"http\""
            )
        })
    }
}
