//! A cheap test for texts without credentials, which is one look at each byte.

/// Whether the text has a part of what the scanner finds: an `@` (or `%40`), or the beginning of a key, a scheme or a web token.
pub(super) fn has_trigger(text: &[u8]) -> bool {
    text.contains(&b'@') || text.windows(4).any(|window| <[u8; 4]>::try_from(window).is_ok_and(is_trigger))
}

fn is_trigger(window: [u8; 4]) -> bool {
    let lower @ [first, second, third, _] = window.map(|byte| byte | 0x20);
    let is_beginning = matches!(
        &lower,
        b"pass" | b"secr" | b"cred" | b"hmac" | b"bear" | b"basi" | b"nego" | b"sess" | b"csrf" | b"xsrf" | b"kenn" | b"asse"
    );
    is_beginning
        || matches!(&lower, b"auth" | b"cook" | b"toke" | b"saml" | b"code" | b"priv" | b"curl" | b"-use")
        || matches!(&[first, second, third], b"key" | b"sig" | b"jwt" | b"sas" | b"sid" | b"pin" | b"psk" | b"otp" | b"eyj")
        || matches!(&[first, second, third], b"%40" | b"540")
        || [first, second] == *b"pw"
}
