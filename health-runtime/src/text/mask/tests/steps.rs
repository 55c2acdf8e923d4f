//! The cost of masking, as the number of bytes that the scanner reads.

use super::{count_steps, mask};

const LENGTH: usize = 64 * 1024;

/// The maximum number of times that the scanner reads each byte, on average.
const MAX_READS: usize = 40;

#[test]
fn the_number_of_steps_is_proportional_to_the_length() {
    let pieces = [
        "a",
        "(",
        ")",
        "[",
        "{",
        "\"",
        "'",
        "`",
        "\\",
        "\\\"",
        "#",
        "<",
        ">",
        "@",
        ":",
        "://",
        ":\\",
        "=",
        ";",
        ",",
        "&",
        "%",
        "-",
        "\n",
        " ",
        "%25",
        "token",
        "token=",
        "token=a ",
        "token:",
        "token: a\n",
        "token:\n",
        "token:\n\n",
        "token=a'b ",
        "token=a;",
        "x token=a b c ",
        "token=\"a\" ",
        "token=\"a\"b",
        "token=(",
        "token=A<",
        "token=(#",
        "token=('",
        "token=r#\"",
        "token: none\n",
        "token: none (os error ",
        "key=",
        "key=a value=b ",
        "\"token\" ",
        "\"token\", ",
        "\"token\", \"a\": ",
        "--token ",
        "--token \\\"",
        "(token, ",
        "<token ",
        "<token>",
        "<token></a>",
        "<a key=\"token\">",
        "token</a>",
        "token</a><b>",
        "Bearer ",
        "basic ",
        "basic \"",
        "Authorization Basic ",
        "authorization: ",
        "cookie: a\n b\n",
        "-----BEGIN PRIVATE",
        "-----BEGIN PRIVATE KEY-----\n",
        "eyJ.",
        "a:b@",
        "http://a:b ",
        "http://a:b@c?",
        "token[",
        "token\\",
        "a.token-",
        "password=a, b=c ",
        "password: a, b: c ",
        "token: \u{201c}a",
        "token=a\\ ",
        "tokens:\n- a\n- b\n",
        "&quot;token&quot;:",
        "\\u0022",
    ];
    for prefix in ["", "password=", "x password=\"", "\"password\": [", "<password>", "http://a:"] {
        for piece in pieces {
            let text = format!("{prefix}{}", piece.repeat(LENGTH / piece.len()));
            let steps = count_steps(|| mask(&text));
            assert!(steps <= MAX_READS * LENGTH, "{steps} steps for {prefix:?} and {piece:?}");
        }
    }
}

#[test]
fn a_text_without_a_trigger_is_not_read_by_the_scanner() {
    let text = "connection refused: \"db1\", host=db1; ".repeat(100);
    assert_eq!(count_steps(|| mask(&text)), 0);
}
