//! The path of a request as actix-web matches it, so that every adapter serves the same paths.

use std::borrow::Cow;

/// Decodes a path, except `%25`, `%2F` and `%2B`: the first keeps a sequence from being decoded twice, the second keeps a name
/// from containing a separator. Invalid sequences stay as they are; invalid UTF-8 is replaced.
pub(super) fn decode(path: &str) -> Cow<'_, str> {
    if !path.contains('%') {
        return Cow::Borrowed(path);
    }
    let (mut decoded, mut rest) = (Vec::with_capacity(path.len()), path.as_bytes());
    while let Some((first, after)) = rest.split_first() {
        let byte = if *first == b'%' { escaped(after) } else { None };
        decoded.push(byte.unwrap_or(*first));
        rest = byte.and_then(|_| after.get(2..)).unwrap_or(after);
    }
    Cow::Owned(String::from_utf8_lossy(&decoded).into_owned())
}

/// Returns the byte that two hexadecimal digits mean, if it is decoded.
fn escaped(digits: &[u8]) -> Option<u8> {
    let digit = |index| char::from(*digits.get(index)?).to_digit(16);
    let byte = u8::try_from(digit(0)? * 16 + digit(1)?).ok()?;
    (!matches!(byte, b'%' | b'/' | b'+')).then_some(byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_decoded_once_and_keeps_its_separators() {
        for (path, decoded) in [
            ("/readyz", "/readyz"),
            ("/ready%7a", "/readyz"),
            ("/ready%7A/data%62ase", "/readyz/database"),
            ("/a%2Fb%2fc%2b%25%32%35", "/a%2Fb%2fc%2b%2525"),
            ("/%", "/%"),
            ("/%4", "/%4"),
            ("/%zz%4", "/%zz%4"),
            ("/%%41", "/%A"),
            ("/%c3%a4", "/ä"),
            ("/%ff", "/\u{fffd}"),
        ] {
            assert_eq!(decode(path), decoded, "{path}");
        }
    }

    #[cfg(feature = "actix")]
    #[test]
    fn a_path_is_decoded_as_actix_web_decodes_it() {
        proptest::proptest!(|(path in "/(/|%|%2[5fFbB]|%[0-9a-fA-F]{2}|%[0-9a-fg]|[a-z+]){0,20}")| {
            let request = actix_web::test::TestRequest::with_uri(&path).to_srv_request();
            proptest::prop_assert_eq!(decode(&path), request.match_info().as_str());
        });
    }
}
