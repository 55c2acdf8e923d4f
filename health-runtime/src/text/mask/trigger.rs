//! A cheap test for texts without credentials, which is one look at each byte.

/// Whether the text has a part of what the scanner finds: an `@` (or `%40`), or the beginning of a key, a scheme or a web token.
pub(super) fn has_trigger(text: &[u8]) -> bool {
    text.contains(&b'@') || text.windows(4).any(|window| <[u8; 4]>::try_from(window).is_ok_and(is_trigger))
}

fn is_trigger(window: [u8; 4]) -> bool {
    let lower = window.map(|byte| byte | 0x20);
    matches!(
        &lower,
        b"pass" | b"secr" | b"cred" | b"hmac" | b"bear" | b"basi" | b"nego" | b"sess" | b"csrf" | b"xsrf" | b"kenn" | b"asse"
    ) || matches!(&lower, b"auth" | b"cook" | b"toke" | b"saml" | b"code" | b"priv")
        || matches!(
            &lower,
            [b'k', b'e', b'y', _]
                | [b's', b'i', b'g', _]
                | [b'j', b'w', b't', _]
                | [b's', b'a', b's', _]
                | [b'p', b'i', b'n', _]
                | [b'p', b's', b'k', _]
                | [b'o', b't', b'p', _]
                | [b'e', b'y', b'j', _]
                | [b'p', b'w', _, _]
                | [b'%' | b'5', b'4', b'0', _]
        )
}
