use std::time::Duration;

use super::Memcached;
use crate::checks::shared::test_support::server::{Fake, NOWHERE, Talk, chain, told};

const PASSWORD: &str = "s3cret word";

fn check(server: &Fake) -> Memcached {
    Memcached::builder(server.address()).build().unwrap()
}

fn with_password(server: &Fake) -> Memcached {
    Memcached::builder(server.address()).credentials("orders", PASSWORD).build().unwrap()
}

/// Answers every line that it hears with what `answer` says to it.
fn answering(answer: impl Fn(&str) -> &'static str + Send + Sync + 'static) -> Fake {
    Fake::start(move |_, mut talk| {
        while let Some(line) = talk.line() {
            talk.say(answer(&line));
        }
    })
}

/// Says the same to everything.
async fn told_by(answer: &'static str) -> String {
    told(&check(&answering(move |_| answer)).run().await)
}

fn is_version(talk: &mut Talk) -> bool {
    talk.line().is_some_and(|line| line == "version")
}

#[tokio::test]
async fn one_connection_serves_every_run() {
    let server = answering(|line| if line == "version" { "VERSION 1.6.18\r\n" } else { "ERROR\r\n" });
    let memcached = check(&server);
    for _ in 0..10 {
        assert_eq!(told(&memcached.run().await), r#"Up, version "1.6.18""#);
    }
    assert_eq!(told(&memcached.clone().run().await), r#"Up, version "1.6.18""#);
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn an_answer_may_come_in_pieces() {
    let server = Fake::start(|_, mut talk| {
        while is_version(&mut talk) {
            for piece in ["VER", "SION 1", ".6\r", "\n"] {
                talk.say(piece);
                std::thread::sleep(Duration::from_millis(5));
            }
        }
    });
    let memcached = check(&server);
    assert_eq!(told(&memcached.run().await), r#"Up, version "1.6""#);
    assert_eq!(told(&memcached.run().await), r#"Up, version "1.6""#);
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn a_connection_that_broke_is_replaced_within_the_run() {
    // Each connection answers once, and is then closed.
    let server = Fake::start(|number, mut talk| {
        if is_version(&mut talk) {
            talk.say(format!("VERSION {number}\r\n"));
        }
    });
    let memcached = check(&server);
    for number in 1..=3 {
        assert_eq!(told(&memcached.run().await), format!(r#"Up, version "{number}""#));
    }
}

#[tokio::test]
async fn a_kept_connection_that_answers_nonsense_is_replaced_within_the_run() {
    let server = Fake::start(|number, mut talk| {
        is_version(&mut talk);
        talk.say(format!("VERSION {number}\r\nVALUE x\r\n"));
        talk.line();
    });
    let memcached = check(&server);
    assert_eq!(told(&memcached.run().await), r#"Up, version "1""#);
    assert_eq!(told(&memcached.run().await), r#"Up, version "2""#);
}

#[tokio::test]
async fn half_an_answer_is_no_answer() {
    let server = Fake::start(|_, mut talk| {
        is_version(&mut talk);
        talk.say("VERSION 1.6.1");
    });
    let outcome = check(&server).run().await;
    assert_eq!(told(&outcome), "Down: unexpected end of file");
    assert_eq!(chain(&outcome), "memcached closed before the end of its answer");

    let server = Fake::start(|_, _| {});
    let outcome = check(&server).run().await;
    let closed = ["Down: unexpected end of file", "Down: connection reset", "Down: broken pipe"];
    assert!(closed.contains(&told(&outcome).as_str()), "{outcome:?}");
}

#[tokio::test]
async fn what_is_no_memcached_is_named() {
    for garbage in
        ["HTTP/1.1 400 Bad Request\r\n", "\r\n", "\n", "VERSION\r\n", "VERSION \r\n", "version 1\r\n", "+PONG\r\n", "\u{1}\r\n"]
    {
        assert_eq!(told_by(garbage).await, "Down: unexpected answer", "{garbage:?}");
    }
    let outcome = check(&answering(|_| "ERROR Too many \u{1b}open connections\r\n")).run().await;
    assert_eq!(told(&outcome), "Down: unexpected answer");
    assert_eq!(chain(&outcome), r"memcached answered `ERROR Too many \u{1b}open connections`");
}

#[tokio::test]
async fn a_line_without_end_is_read_no_further_than_its_bound() {
    let server = Fake::start(|_, mut talk| {
        is_version(&mut talk);
        talk.say("VERSION ");
        // Until the client closes, or the whole megabyte is read.
        (0..256).for_each(|_| talk.say([b'1'; 4096]));
        talk.line();
    });
    let outcome = check(&server).run().await;
    assert_eq!(told(&outcome), "Down: unexpected answer");
    assert_eq!(chain(&outcome), "memcached answered with a line longer than 512 bytes");

    let longest = format!("VERSION {}\r\n", "1".repeat(512 - 10));
    let server = Fake::start(move |_, mut talk| {
        is_version(&mut talk);
        talk.say(&longest);
    });
    assert_eq!(told(&check(&server).run().await), format!(r#"Up, version "{}""#, "1".repeat(502)));
}

#[tokio::test]
async fn bytes_that_are_no_text_are_shown_as_such() {
    let server = Fake::start(|_, mut talk| {
        is_version(&mut talk);
        talk.say(b"VERSION \xff\r\n");
    });
    assert_eq!(told(&check(&server).run().await), "Up, version \"\u{fffd}\"");
}

/// One that wants credentials, and takes these only.
fn guarded(words: &'static str) -> Fake {
    Fake::start(move |_, mut talk| {
        let mut is_in = false;
        while let Some(line) = talk.line() {
            if line == "version" && is_in {
                talk.say("VERSION 1.6.18\r\n");
            } else if line == format!("set auth 0 0 {}", words.len()) {
                is_in = talk.line().is_some_and(|given| given == words);
                talk.say(if is_in { "STORED\r\n" } else { "CLIENT_ERROR authentication failure\r\n" });
            } else {
                talk.say("CLIENT_ERROR unauthenticated\r\n");
            }
        }
    })
}

#[tokio::test]
async fn it_logs_in_once_for_a_connection() {
    let server = guarded("orders s3cret word");
    let memcached = with_password(&server);
    for _ in 0..3 {
        assert_eq!(told(&memcached.run().await), r#"Up, version "1.6.18""#);
    }
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn a_login_that_fails_is_named_and_tells_no_password() {
    let outcome = with_password(&guarded("orders another one")).run().await;
    assert_eq!(told(&outcome), "Down: authentication failed");
    assert_eq!(chain(&outcome), "memcached refused the credentials");

    let outcome = check(&guarded("orders another one")).run().await;
    assert_eq!(told(&outcome), "Down: authentication failed");
    assert_eq!(chain(&outcome), "memcached asks for credentials; add `credentials` to the builder");

    // Whatever a server makes of the password, it is not shown.
    for echo in ["CLIENT_ERROR s3cret word\r\n", "orders s3cret word\r\n"] {
        let server = answering(move |line| if line == "version" { "CLIENT_ERROR unauthenticated\r\n" } else { echo });
        let outcome = with_password(&server).run().await;
        assert!(!format!("{outcome:?}").contains("s3cret"), "{outcome:?}");
    }
}

#[tokio::test]
async fn the_password_is_not_stored_on_a_server_that_wants_none() {
    let (heard, lines) = std::sync::mpsc::channel();
    let server = answering(move |line| {
        heard.send(line.to_owned()).unwrap();
        "VERSION 1.6.18\r\n"
    });
    let memcached = with_password(&server);
    assert_eq!(told(&memcached.run().await), r#"Up, version "1.6.18""#);
    drop((server, memcached));
    assert_eq!(lines.try_iter().collect::<Vec<_>>(), ["version"]);
}

#[tokio::test]
async fn where_nothing_listens_it_is_refused() {
    assert_eq!(told(&Memcached::builder(NOWHERE).build().unwrap().run().await), "Down: connection refused");
    let outcome = Memcached::builder("nobody.invalid:11211").build().unwrap().run().await;
    assert_eq!(told(&outcome), "Down: name does not resolve");
}

#[test]
fn nonsense_is_refused_all_at_once_and_no_secret_is_repeated() {
    let error = Memcached::builder("memcached://x:hunter2@cache").credentials("", "hunter2\n").build().unwrap_err();
    assert_eq!(
        error.to_string(),
        "`Memcached` cannot be built; 3 problems:
  `address` is more than a host and a port; leave out the scheme, the user and the path, as in `cache.internal:11211`
  `user` must have neither space, colon nor control character, and not be empty; memcached has no other users
  `password` must have no control character, and not be empty; memcached has no other passwords"
    );
    for user in ["", "a b", "a:b", "a\r\nb"] {
        assert!(Memcached::builder("cache:11211").credentials(user, "x").build().is_err(), "{user:?}");
    }
    for password in ["", "a\r\nflush_all", "\0"] {
        assert!(Memcached::builder("cache:11211").credentials("orders", password).build().is_err(), "{password:?}");
    }
}

#[test]
fn a_debug_form_shows_no_secret() {
    let builder = Memcached::builder("cache:11211").credentials("orders", "hunter2");
    assert_eq!(format!("{builder:?}"), "MemcachedBuilder { .. }");
    let shown = format!("{:?}", builder.build().unwrap());
    assert_eq!(shown, r#"Memcached { address: Address { host: "cache", port: 11211 }, .. }"#);
}
