//! Replaces credentials in a text by `***`. Hiding too much is the safe side.
//!
//! One scanner reads the text once, from word to word, and looks at what surrounds each word. It knows these forms:
//!
//! 1. a credential that needs no key ([`token`]): a JSON web token, a private key in PEM, `Bearer …`;
//! 2. a key ([`keys`]) as the name of an XML element or of a setting in XML ([`xml`]);
//! 3. a key, what closes it, and a separator ([`pair`]): `password=`, `"api_key": `, `config["token"] := `, `--token `;
//! 4. a URL with user information ([`url`]), and `user:password@` without a scheme.
//!
//! The value of a pair ends where its form ends it. A value in quotes or brackets ends at the closing one ([`delimited`]). A
//! value of YAML or a header is the rest of its line and the lines with more indentation. A value after `=` ends at white
//! space, or only before the next pair where the text before it is a list of pairs or the beginning of the line; a sign
//! such as `;` or `&` ends it only where the sign is also before the key ([`value`]). Where two forms are possible, the longer
//! value counts. The scanner continues after the value, so that the number of steps is proportional to the length of the text.

mod delimited;
mod keys;
mod lines;
mod pair;
mod scanner;
mod source;
mod token;
mod trigger;
mod url;
mod value;
mod xml;

use std::borrow::Cow;

use scanner::Scanner;
use trigger::has_trigger;

/// Replaces the credentials in a text.
pub(crate) fn mask(text: &str) -> Cow<'_, str> {
    if has_trigger(text.as_bytes()) { Scanner::new(text).run() } else { Cow::Borrowed(text) }
}

#[cfg(test)]
mod tests;
