//! The summary of an error: a public class that is safe to show, and the texts of the error chain.

use std::borrow::Cow;
use std::error::Error;
use std::fmt::{self, Write};
use std::io;
use std::iter;
use std::sync::Arc;

use crate::text::truncate::{MAX_MASKED_INPUT, MAX_SPLIT, floor_char_boundary, truncate_to_and_mask};

/// The maximum number of errors in a chain. It ends a chain that leads back to itself.
const MAX_CAUSES: usize = 64;

/// What is kept of an error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ErrorSummary {
    /// Safe to show: a phrase from a fixed list.
    pub(crate) public: Cow<'static, str>,
    pub(crate) texts: ErrorTexts,
}

impl ErrorSummary {
    pub(crate) fn from_error(error: &(dyn Error + 'static)) -> Self {
        let texts = ErrorTexts::new(error);
        let class = chain(error).find_map(io_class).or_else(|| os_class(texts.parts().next()?));
        Self { public: class.map_or(Cow::Borrowed("check failed"), Cow::Owned), texts }
    }

    /// Returns the masked text of the error chain, or the public class where the chain has no text.
    #[cfg(test)]
    pub(crate) fn masked_chain(&self) -> String {
        self.texts.masked_or(&self.public)
    }
}

/// The texts of an error and its causes, as they are. They may contain credentials: show [`masked`](Self::masked) only.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct ErrorTexts {
    text: String,
    /// Where each part ends.
    ends: Vec<usize>,
}

impl ErrorTexts {
    /// Formats the chain up to the maximum length. A cause that the text of its parent ends with is not repeated.
    fn new(error: &(dyn Error + 'static)) -> Self {
        let mut texts = Self { text: String::new(), ends: Vec::new() };
        for error in chain(error) {
            let begin = texts.text.len();
            // Up to where its `Display` fails; `to_string` would panic.
            let _ = write!(Limited(&mut texts.text), "{error}");
            let (previous, part) = texts.text.split_at(begin);
            if !texts.ends.is_empty() && previous.ends_with(part) {
                texts.text.truncate(begin);
            } else {
                texts.ends.push(texts.text.len());
            }
            if texts.text.len() > MAX_MASKED_INPUT {
                break;
            }
        }
        texts
    }

    /// Creates the text of a message, up to the maximum length.
    pub(crate) fn of_message(message: &str) -> Self {
        let mut text = String::new();
        let _ = Limited(&mut text).write_str(message);
        Self { ends: vec![text.len()], text }
    }

    fn parts(&self) -> impl Iterator<Item = &str> {
        let begins = iter::once(0).chain(self.ends.iter().copied());
        begins.zip(&self.ends).filter_map(|(begin, end)| self.text.get(begin..*end))
    }

    /// Masks the parts and joins them with `: `.
    ///
    /// Each part is masked alone: after `: ` a credential at the end of a text would seem to continue in the next.
    pub(crate) fn masked(&self) -> String {
        let (mut masked, mut length) = (String::new(), 0);
        for part in self.parts() {
            let separator = if length == 0 { "" } else { ": " };
            masked.push_str(separator);
            masked.push_str(&truncate_to_and_mask(part, MAX_MASKED_INPUT.saturating_sub(length)));
            length += separator.len() + part.len();
        }
        masked
    }

    /// Returns the masked text, or `empty` instead of an empty one.
    pub(crate) fn masked_or(&self, empty: &str) -> String {
        let masked = self.masked();
        if masked.is_empty() { empty.to_owned() } else { masked }
    }
}

impl fmt::Debug for ErrorTexts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.masked().fmt(f)
    }
}

/// A text that ends the formatting once it is longer than what masking reads.
struct Limited<'t>(&'t mut String);

impl Write for Limited<'_> {
    fn write_str(&mut self, part: &str) -> fmt::Result {
        let room = (MAX_MASKED_INPUT + MAX_SPLIT + 1).saturating_sub(self.0.len());
        self.0.push_str(part.get(..floor_char_boundary(part, room)).unwrap_or_default());
        if part.len() > room { Err(fmt::Error) } else { Ok(()) }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Failure(String, Option<Box<Self>>);

    impl fmt::Display for Failure {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
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
        ErrorSummary::from_error(&*chain.unwrap()).masked_chain()
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
