//! Replaces credentials in a text by `***`. Hiding too much is the safe side.
//!
//! A text without a part of any key, scheme or account is returned as it is, after one look at each byte ([`trigger`]). Any
//! other text is read once, from word to word, by one scanner ([`scanner`]). For each word it looks for these forms, in this
//! order:
//!
//! 1. a credential that needs no key ([`token`]): a JSON web token, a private key in PEM, `Bearer …`;
//! 2. a key ([`keys`]) as the name of an XML element, or as the name of a setting in XML ([`xml`]);
//! 3. a key as the name of a setting whose value is another pair: `name: PASSWORD`, `value: …`;
//! 4. a key, what closes it, and a separator ([`pair`]): `password=`, `"api_key": `, `config["token"] := `, `--token `;
//! 5. a header without a colon, `Authorization Basic …`, and `PASSWORD '…'` of SQL.
//!
//! At a colon it looks for a URL with user information, and for `user:password@` without a scheme ([`url`]).
//!
//! The value of a pair ends where its form ends it:
//!
//! - in quotes or brackets at the closing one, whatever is before them and however often they are escaped ([`delimited`]);
//! - after a colon, as in YAML and headers, at the end of the line and of the lines below it that are indented ([`lines`]);
//!   within a line also before `, key: `;
//! - after `=` at white space; where the key begins the line, follows a sign or another pair, only before the next pair;
//! - in a connection string or a query, where `;` or `&` is before the key, before that sign and the next pair ([`value`]).
//!
//! Where two forms are possible, the longer value counts. A quote or a bracket that is not closed hides the rest of the text. The
//! scanner continues after the value, so that the number of steps is proportional to the length of the text.

mod delimited;
mod keys;
mod lines;
mod pair;
mod place;
mod scanner;
mod source;
mod token;
mod trigger;
mod trim;
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
