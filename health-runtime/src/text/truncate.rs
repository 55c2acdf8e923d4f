//! Limits the length of texts.

use std::borrow::Cow;

use super::mask::mask;

/// The maximum length in bytes of what is masked. Masking reads each byte several times on the check runtime, so that a longer
/// text is cut first.
pub(crate) const MAX_MASKED_INPUT: usize = 32 * 1024;

/// The maximum distance in bytes between a cut and the `@` of a URL that it splits.
pub(crate) const MAX_SPLIT: usize = 1024;

/// Masks the credentials in a text and limits its length.
pub(crate) fn truncate_and_mask(text: &str) -> Cow<'_, str> {
    truncate_to_and_mask(text, MAX_MASKED_INPUT)
}

/// Masks the credentials in at most `max_bytes` of a text, with `…` after a cut.
pub(crate) fn truncate_to_and_mask(text: &str, max_bytes: usize) -> Cow<'_, str> {
    if text.len() <= max_bytes {
        return mask(text);
    }
    Cow::Owned(format!("{}…", mask(cut(text, max_bytes))))
}

/// Cuts a text at white space, so that no credential loses the end by which it is recognised. A text without white space is
/// dropped. A URL whose password has white space is cut before its scheme.
fn cut(text: &str, max_bytes: usize) -> &str {
    let head = text.get(..floor_char_boundary(text, max_bytes)).unwrap_or_default();
    let head = head.get(..head.rfind(char::is_whitespace).unwrap_or_default()).unwrap_or_default();
    let line = head.rfind('\n').map_or(0, |at| at + 1);
    let after = text.get(head.len()..floor_char_boundary(text, head.len() + MAX_SPLIT)).unwrap_or_default();
    let is_split = after.lines().next().is_some_and(|rest| rest.contains('@'));
    match head.get(line..).and_then(|last| last.rfind("//").or_else(|| last.rfind("/\\/"))) {
        Some(slashes) if is_split && !head.get(line + slashes..).is_some_and(|url| url.contains('@')) => {
            let word = head.get(..line + slashes).unwrap_or_default();
            word.get(..word.rfind(char::is_whitespace).unwrap_or_default()).unwrap_or_default()
        }
        _ => head,
    }
}

/// Returns at most `max_bytes` of the text, cut at a character, with `…` after a cut.
pub(crate) fn truncate(text: &str, max_bytes: usize) -> Cow<'_, str> {
    if text.len() <= max_bytes {
        return Cow::Borrowed(text);
    }
    Cow::Owned(format!("{}…", text.get(..floor_char_boundary(text, max_bytes)).unwrap_or_default()))
}

/// Returns the last character boundary at or before `index`. `str::floor_char_boundary` needs Rust 1.91.
pub(crate) fn floor_char_boundary(text: &str, index: usize) -> usize {
    (0..=index.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_cut_at_white_space() {
        assert_eq!(truncate_to_and_mask("one two three", 13), "one two three");
        assert_eq!(truncate_to_and_mask("one two three", 12), "one two…");
        assert_eq!(truncate_to_and_mask("one two€three", 8), "one…");
        assert_eq!(truncate_to_and_mask("onetwothree", 8), "…");
    }

    #[test]
    fn a_cut_shows_no_part_of_a_credential() {
        let secret = "correct horse:hunter2";
        for text in [
            format!("lost postgres://app:{secret}@db1/orders and more"),
            format!("lost postgres:\\/\\/app:{secret}@db1/orders and more"),
            format!("lost app:{}@tcp(db1) and more", secret.replace(' ', "-")),
            format!("lost {{\"password\": \"{secret}\"}} and more"),
            format!("lost password: {secret}\nhost: db1 and more"),
            format!("lost host=db1 password={secret} port=5432 and more"),
            format!("lost <password>{secret}</password> and more"),
            format!("-----BEGIN PRIVATE KEY-----\n{secret}\n-----END PRIVATE KEY----- and more"),
        ] {
            for max_bytes in 0..text.len() {
                let shown = truncate_to_and_mask(&text, max_bytes);
                let is_hidden = !shown.contains("correct") && !shown.contains("horse") && !shown.contains("hunter2");
                assert!(is_hidden, "{max_bytes} bytes of {text:?} became {shown:?}");
            }
        }
    }

    #[test]
    fn the_cost_of_a_long_text_is_bounded() {
        let text = "password=hunter2 ".repeat(100_000);
        let shown = truncate_and_mask(&text);
        assert!(shown.len() <= MAX_MASKED_INPUT && shown.ends_with("password=***…"), "{}", shown.len());
    }
}
