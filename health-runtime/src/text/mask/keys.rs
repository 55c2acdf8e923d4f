//! Which words name a credential. The rules look at parts of words, so that `PGPASSWORD`, `dbPass` and `x-functions-key` are
//! found without a list of full words. A word that is wrongly taken for a key hides a value; a missed one shows a credential.

/// The maximum number of bytes that are examined, counted from the end of a word.
const MAX_WORD: usize = 96;

/// Segments of a word, such as `pass` in `DB_PASS_RO`, that name a credential.
const SEGMENTS: [&[u8]; 13] =
    [b"sig", b"sigs", b"sas", b"pin", b"psk", b"otp", b"totp", b"cred", b"creds", b"pws", b"sess", b"sid", b"samlresponse"];

/// What a segment that names a credential ends with.
const ENDINGS: [&[u8]; 4] = [b"pass", b"pw", b"key", b"keys"];

/// Segments with these endings that name no credential.
const HARMLESS: [&[u8]; 15] = [
    b"bypass",
    b"compass",
    b"encompass",
    b"surpass",
    b"trespass",
    b"overpass",
    b"underpass",
    b"monkey",
    b"donkey",
    b"turkey",
    b"hockey",
    b"jockey",
    b"whiskey",
    b"hotkey",
    b"turnkey",
];

/// Segments before `key` that make the name of something public.
const PUBLIC_KEYS: [&[u8]; 4] = [b"foreign", b"public", b"partition", b"unique"];

/// Words before the word `key` that make the name of a credential, as in `API key: …`.
const SECRET_KEYS: [&[u8]; 21] = [
    b"access",
    b"account",
    b"admin",
    b"api",
    b"app",
    b"auth",
    b"client",
    b"deploy",
    b"encryption",
    b"license",
    b"master",
    b"private",
    b"secret",
    b"server",
    b"service",
    b"session",
    b"shared",
    b"signing",
    b"ssh",
    b"storage",
    b"subscription",
];

/// A word that names a credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Key {
    pub(super) kind: KeyKind,
    /// There can be several values.
    pub(super) is_plural: bool,
}

/// What a key is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KeyKind {
    /// `Authorization` and `Cookie`: the value is the rest of a header.
    Header,
    Secret,
    /// The word can also be the name of a host, as in `auth:8080`.
    HostOrSecret,
    /// The word is only `key`, which often names something else.
    Bare,
}

/// Returns what a word names, if that is a credential. `previous` is the word before it.
pub(super) fn classify(word: &[u8], previous: &[u8]) -> Option<Key> {
    let (word, previous) = (Segments::new(word), Segments::new(previous));
    let mut joined = [0; MAX_WORD];
    let joined = word.join(&mut joined);
    let is_plural = joined.ends_with(b"s") && !joined.ends_with(b"ss");
    let mut found = None;
    for at in 0..joined.len() {
        match part_at(joined.get(at..).unwrap_or_default()) {
            Some(KeyKind::HostOrSecret) => found = found.or(Some(KeyKind::HostOrSecret)),
            Some(KeyKind::Header) => return Some(Key { kind: KeyKind::Header, is_plural }),
            Some(kind) => found = Some(kind),
            None => {}
        }
    }
    let kind = found.or_else(|| named_by_segment(&word, &previous))?;
    Some(Key { kind, is_plural })
}

/// Returns what the beginning of `text` names, wherever it is in a word.
fn part_at(text: &[u8]) -> Option<KeyKind> {
    let starts = |parts: &[&[u8]]| parts.iter().any(|part| text.starts_with(part));
    let starts_before =
        |part: &[u8], ends: &[&[u8]]| text.strip_prefix(part).is_some_and(|rest| !ends.iter().any(|end| rest.starts_with(end)));
    match text.first()? {
        b'a' if starts(&[b"authorization"]) => Some(KeyKind::Header),
        b'a' if starts(&[b"apikey", b"accesskey", b"assertion"]) => Some(KeyKind::Secret),
        // Not `author`, `authority`, `authorized`, `authentic`.
        b'a' if starts(&[b"authentication"]) || starts_before(b"auth", &[b"or", b"en"]) => Some(KeyKind::HostOrSecret),
        b'b' if starts(&[b"bearer"]) => Some(KeyKind::Secret),
        b'c' if starts(&[b"cookie"]) => Some(KeyKind::Header),
        b'c' if starts(&[b"credential", b"csrf"]) => Some(KeyKind::Secret),
        b'h' if starts(&[b"hmac"]) => Some(KeyKind::Secret),
        b'j' if starts(&[b"jwt"]) => Some(KeyKind::Secret),
        b'k' if starts(&[b"kennwort"]) => Some(KeyKind::Secret),
        b'p' if starts(&[b"passw", b"passphrase", b"passcode", b"passkey", b"pwd", b"privkey", b"privatekey"]) => {
            Some(KeyKind::Secret)
        }
        b's' if starts(&[b"secret", b"signature", b"sessid"]) => Some(KeyKind::Secret),
        b's' if starts_before(b"session", &[b"s"]) => Some(KeyKind::HostOrSecret),
        b't' if starts_before(b"token", &[b"iz", b"is"]) => Some(KeyKind::HostOrSecret),
        b'x' if starts(&[b"xsrf"]) => Some(KeyKind::Secret),
        _ => None,
    }
}

fn named_by_segment(word: &Segments, previous: &Segments) -> Option<KeyKind> {
    let is_single = word.iter().count() == 1;
    let mut before = previous.iter().last().unwrap_or_default();
    for segment in word.iter() {
        match segment {
            b"key" | b"keys" if PUBLIC_KEYS.contains(&before) => {}
            b"key" | b"keys" if is_single && !SECRET_KEYS.contains(&before) => return Some(KeyKind::Bare),
            b"key" | b"keys" => return Some(KeyKind::Secret),
            b"id" if is_single && before == b"session" => return Some(KeyKind::Secret),
            b"phrase" | b"code" if is_single && before == b"pass" => return Some(KeyKind::Secret),
            _ if HARMLESS.contains(&segment) => {}
            _ if SEGMENTS.contains(&segment) || ENDINGS.iter().any(|ending| segment.ends_with(ending)) => {
                return Some(KeyKind::Secret);
            }
            _ => {}
        }
        before = segment;
    }
    None
}

/// A word in lower case with `_` between its segments: `dbPass-2` becomes `db_pass_`.
struct Segments {
    bytes: [u8; 2 * MAX_WORD],
    len: usize,
}

impl Segments {
    fn new(word: &[u8]) -> Self {
        let word = word.get(word.len().saturating_sub(MAX_WORD)..).unwrap_or_default();
        let mut segments = Self { bytes: [0; 2 * MAX_WORD], len: 0 };
        let mut previous = b'_';
        for (i, byte) in word.iter().copied().enumerate() {
            let is_next_lower = word.get(i + 1).is_some_and(u8::is_ascii_lowercase);
            if byte.is_ascii_uppercase() && (previous.is_ascii_lowercase() || previous.is_ascii_uppercase() && is_next_lower) {
                segments.push(b'_');
            }
            segments.push(if byte.is_ascii_alphabetic() { byte.to_ascii_lowercase() } else { b'_' });
            previous = byte;
        }
        segments
    }

    fn push(&mut self, byte: u8) {
        if let Some(place) = self.bytes.get_mut(self.len) {
            *place = byte;
            self.len += 1;
        }
    }

    fn iter(&self) -> impl Iterator<Item = &[u8]> {
        let bytes = self.bytes.get(..self.len).unwrap_or_default();
        bytes.split(|byte| *byte == b'_').filter(|segment| !segment.is_empty())
    }

    /// Writes the segments without separators.
    fn join<'b>(&self, buffer: &'b mut [u8; MAX_WORD]) -> &'b [u8] {
        let mut len = 0;
        for (place, byte) in buffer.iter_mut().zip(self.iter().flatten()) {
            *place = *byte;
            len += 1;
        }
        buffer.get(..len).unwrap_or_default()
    }
}
