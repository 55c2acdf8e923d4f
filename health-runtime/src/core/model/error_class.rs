//! The summary of an error: a public class that is safe to show, and the masked text of the error chain.

use std::borrow::Cow;
use std::error::Error;
use std::fmt::Write;
use std::io;
use std::iter;
use std::sync::Arc;

use crate::text::truncate::{MAX_MASKED_INPUT, truncate_to_and_mask};

/// The maximum number of errors in a chain. It ends a chain that leads back to itself.
const MAX_CAUSES: usize = 64;

/// What is kept of an error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ErrorSummary {
    /// Safe to show: a phrase from a fixed list.
    pub(crate) public: Cow<'static, str>,
    /// The text of the error and its causes, masked.
    pub(crate) masked_chain: String,
}

impl ErrorSummary {
    pub(crate) fn from_error(error: &(dyn Error + 'static)) -> Self {
        let class = chain(error).find_map(io_class).or_else(|| os_class(&display_lossy(error)));
        let public = class.map_or(Cow::Borrowed("check failed"), Cow::Owned);
        let masked = masked_chain(error);
        let masked_chain = if masked.is_empty() { public.clone().into_owned() } else { masked };
        Self { public, masked_chain }
    }
}

/// Returns the error and its causes.
pub(crate) fn chain<'e>(error: &'e (dyn Error + 'static)) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    iter::successors(Some(error), |error| next_cause(*error)).take(MAX_CAUSES)
}

/// Returns the cause of an error. `io::Error::source` skips the error that it wraps, and so does `source` of an `Arc`, in which
/// redis keeps its causes; these two are unwrapped first.
fn next_cause<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e (dyn Error + 'static)> {
    if let Some(wrapped) = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(wrapped)
    } else if let Some(shared) = error.downcast_ref::<Arc<dyn Error + Send + Sync>>() {
        Some(&**shared)
    } else {
        error.source()
    }
}

fn io_class(error: &(dyn Error + 'static)) -> Option<String> {
    let kind = error.downcast_ref::<io::Error>()?.kind();
    // `Uncategorized` is not nameable in stable Rust.
    let is_unspecific = kind == io::ErrorKind::Other || format!("{kind:?}") == "Uncategorized";
    (!is_unspecific).then(|| kind.to_string())
}

/// Returns the class of an `io::Error` that was converted to an `anyhow::Error` without a context: neither a downcast nor
/// `source` finds it then, but its text with the number of the operating system's error is unique.
fn os_class(text: &str) -> Option<String> {
    let code = text.strip_suffix(')')?.rsplit_once("(os error ")?.1.parse().ok()?;
    let error = io::Error::from_raw_os_error(code);
    if error.to_string() == text { io_class(&error) } else { None }
}

/// Masks the texts of the chain and joins them with `: `. A cause that the text of its parent ends with is not repeated.
///
/// Each text is masked alone: after `: ` a credential at the end of a text would seem to continue in the next.
fn masked_chain(error: &(dyn Error + 'static)) -> String {
    let (mut text, mut masked) = (String::new(), String::new());
    for error in chain(error) {
        let part = display_lossy(error);
        if !text.ends_with(&part) {
            let separator = if text.is_empty() { "" } else { ": " };
            masked.push_str(separator);
            masked.push_str(&truncate_to_and_mask(&part, MAX_MASKED_INPUT.saturating_sub(text.len())));
            text.push_str(separator);
            text.push_str(&part);
        }
        if text.len() > MAX_MASKED_INPUT {
            break;
        }
    }
    masked
}

/// Formats an error up to where its `Display` fails; `to_string` would panic.
fn display_lossy(error: &(dyn Error + 'static)) -> String {
    let mut text = String::new();
    let _ = write!(text, "{error}");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Failure(String, Option<Box<Self>>);

    impl std::fmt::Display for Failure {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str(&self.0)
        }
    }

    impl Error for Failure {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            self.1.as_deref().map(|cause| cause as _)
        }
    }

    fn summary(texts: &[&str]) -> String {
        let chain = texts.iter().rev().fold(None, |cause, text| Some(Box::new(Failure((*text).to_owned(), cause))));
        ErrorSummary::from_error(&*chain.unwrap()).masked_chain
    }

    #[test]
    fn each_cause_is_masked_alone() {
        for (texts, masked) in [
            (&["cannot connect", "password=Tr0ub4dor&3xyz", "refused"][..], "cannot connect: password=***: refused"),
            (&["password: hun.ter2", "host: db1"][..], "password: ***: host: db1"),
            (&["token=\"hunter2", "timed out"][..], "token=***: timed out"),
            (&["lost: refused", "refused"][..], "lost: refused"),
            (&["lost: token=hunter2", "token=hunter2"][..], "lost: token=***"),
            (&["", ""][..], "check failed"),
        ] {
            assert_eq!(summary(texts), masked, "{texts:?}");
        }
    }

    #[test]
    fn a_long_chain_is_cut() {
        let long = "a ".repeat(MAX_MASKED_INPUT / 2 - 10);
        assert_eq!(summary(&[&long, "password is wrong, sorry", "and more"]), format!("{long}: password is wrong,…"));
    }

    proptest::proptest! {
        /// Credentials in several causes, each with any sign that its form allows.
        #[test]
        fn no_cause_shows_its_credential(secrets in proptest::collection::vec(r"[A-Za-z0-9][!-~]{6,16}[A-Za-z0-9]", 3)) {
            let quoted: String = secrets[1].replace(['"', '\\'], "x");
            let texts = [
                format!("cannot connect: password={}", secrets[0]),
                format!("{{\"token\":\"{quoted}\"}}"),
                format!("Authorization: Basic {}", secrets[2]),
                "refused".to_owned(),
            ];
            let shown = summary(&[&texts[0], &texts[1], &texts[2], &texts[3]]);
            proptest::prop_assert!(shown.ends_with(": refused"), "{}", shown);
            for secret in [&secrets[0], &quoted, &secrets[2]] {
                proptest::prop_assert!(!secret.as_bytes().windows(4).any(|part| shown.contains(std::str::from_utf8(part).unwrap())), "{}", shown);
            }
        }
    }
}
