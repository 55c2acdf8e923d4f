//! Each mistake in the arguments is one message, independent of the rest of the attribute.

use super::expand;

const FUNCTION: &str = "async fn db(pool: &Pool) -> Result<(), Error> { body }";

fn messages(arguments: &str) -> Vec<String> {
    expand(arguments, FUNCTION).1
}

#[test]
fn valid_arguments_have_no_message() {
    for arguments in [
        "readiness",
        "readiness,",
        "liveness, readiness, startup",
        "timeout = \"1m30s\", readiness",
        "readiness, name = \"orders.db-1\", critical = false, cache = \"0s\", failure_threshold = 3, success_threshold = 2u32",
        "readiness, interval = r\"10s\", tags = [\"a\", \"b\",], description = \"answers\", crate = crate::deps::health",
        "readiness, tags = []",
        "readiness, grace = \"30s\", slow = \"749ms\", after = [\"a\", \"B.c\"]",
        "readiness, slow = \"1s\", timeout = \"2s\", after = []",
        "liveness, critical = true",
        "readiness, startup, shared = true, critical = true",
        "liveness, shared = false",
        "readiness, shared = a::SHARED",
        "readiness, failure_threshold = 0x10, success_threshold = 1_000",
        "liveness, timeout = TIMEOUT, critical = crate::CRITICAL, cache = ::a::B::<u8>::CACHE, failure_threshold = <A as B>::LIMIT",
        "readiness, tags = [\"a\", \"b\"], interval = a::INTERVAL, success_threshold = r#const",
    ] {
        assert_eq!(messages(arguments), [""; 0], "{arguments}");
    }
}

#[test]
fn each_mistake_in_the_arguments_is_one_message() {
    let kind = "health check `db` must have a kind; write `#[health_check(readiness)]`, or one or more of `liveness`, `readiness` and `startup`";
    let all = "expected one of `liveness`, `readiness`, `startup`, `name`, `timeout`, `critical`, `cache`, `interval`, `failure_threshold`, \
               `success_threshold`, `grace`, `slow`, `shared`, `after`, `quorum`, `tags`, `description`, `crate`";
    for (arguments, expected) in [
        ("", kind.to_owned()),
        ("timeout = \"5s\"", kind.to_owned()),
        ("rediness", "unknown argument `rediness`; did you mean `readiness`?".to_owned()),
        ("Readiness", "unknown argument `Readiness`; did you mean `readiness`?".to_owned()),
        ("foo", format!("unknown argument `foo`; {all}")),
        ("readiness, timeuot = \"5s\"", "unknown argument `timeuot`; did you mean `timeout`?".to_owned()),
        ("readiness, foo(1)", format!("unknown argument `foo`; {all}")),
        ("readiness, readiness", "`readiness` must be given once; drop this one".to_owned()),
        ("readiness, cache = \"1s\", cache = \"x\"", "`cache` must be given once; drop this one".to_owned()),
        ("kind = readiness", "unknown argument `kind`; write `readiness` alone".to_owned()),
        ("kind = \"live\"", "unknown argument `kind`; write `liveness` alone".to_owned()),
        ("kind = Kind::Startup", "unknown argument `kind`; write `startup` alone".to_owned()),
        ("kind = 5", "unknown argument `kind`; write `readiness` alone".to_owned()),
        ("kind", "unknown argument `kind`; write `readiness` alone".to_owned()),
        ("kinds = [startup, \"liveness\"]", "unknown argument `kinds`; write `startup, liveness` alone".to_owned()),
        ("kinds(liveness)", "unknown argument `kinds`; write `liveness` alone".to_owned()),
        ("kind: readiness", "unknown argument `kind`; write `readiness` alone".to_owned()),
        ("readiness = true", "`readiness` takes no value; write `readiness`".to_owned()),
        ("readiness()", "`readiness` takes no value; write `readiness`".to_owned()),
        ("\"readiness\"", "`readiness` must not be in quotes; write `readiness`".to_owned()),
        (
            "readiness, 5",
            "argument must be a kind or an option with its value; write `readiness`, or `timeout = \"500ms\"`".to_owned(),
        ),
        ("readiness,, timeout = \"5s\"", "`,` must follow an argument; drop this one".to_owned()),
        ("readiness startup", "`startup` must be separated from `readiness`; put a comma between them".to_owned()),
        ("timeout = \"5s\" readiness", "`readiness` must be separated from `\"5s\"`; put a comma between them".to_owned()),
        ("readiness, timeout", "`timeout` must have a value; write `timeout = \"500ms\"`".to_owned()),
        ("readiness, timeout =", "`timeout` must have a value; write `timeout = \"500ms\"`".to_owned()),
        ("readiness, timeout(\"5s\")", "`timeout` must be followed by `=` and its value; write `timeout = \"500ms\"`".to_owned()),
        ("readiness, timeout: \"5s\"", "`timeout` must be followed by `=` and its value; write `timeout = \"500ms\"`".to_owned()),
        (
            "readiness, timeout == \"5s\"",
            "`timeout` must be followed by `=` and its value; write `timeout = \"500ms\"`".to_owned(),
        ),
    ] {
        assert_eq!(messages(arguments), [expected], "{arguments}");
    }
}

#[test]
fn each_mistake_in_a_value_is_one_message() {
    let times = "must be a string literal with a unit; write";
    let path = "must be a string literal with a unit, or the path of a `const`; write";
    let list = "`tags` must hold string literals, with commas between them; write `tags = [\"storage\"]`";
    for (option, expected) in [
        ("name = 5", "`name` must be a string literal; write `name = \"orders-db\"`"),
        ("name = orders", "`name` must be a string literal; write `name = \"orders\"`"),
        ("name = b\"db\"", "`name` must be a string literal; write `name = \"orders-db\"`"),
        ("name = \"a\"x", "`name` must be a string literal; write `name = \"orders-db\"`"),
        ("name = \"\"", "`name` must not be empty; write `name = \"orders-db\"`"),
        ("name = \"_db\"", "`name` must start with an ASCII letter or digit, not with `_`; write `name = \"db\"`"),
        ("name = \"a/b\"", "`name` must consist of ASCII letters, digits, `_`, `.` and `-`, without `/`; write `name = \"a-b\"`"),
        ("timeout = 500", "`timeout` must be a string with a unit; write `timeout = \"500ms\"` or `timeout = \"500s\"`"),
        ("timeout = Duration::from_secs(5)", &format!("`timeout` {path} `timeout = \"500ms\"`")),
        ("timeout = 2 * LIMIT", &format!("`timeout` {path} `timeout = \"500ms\"`")),
        ("timeout = crate::", &format!("`timeout` {path} `timeout = \"500ms\"`")),
        ("timeout = 0.5", &format!("`timeout` {times} `timeout = \"500ms\"`")),
        ("timeout = \"5\"", "`timeout` must have a unit after `5`; write `5ms` or `5s`"),
        ("timeout = \"0s\"", "`timeout` must be at least 1ms; write `timeout = \"1ms\"` or choose another"),
        ("timeout = \"1h1ns\"", "`timeout` must be at most 1h; write `timeout = \"1h\"` or choose another"),
        ("cache = \"24h1ns\"", "`cache` must be at most 24h; write `cache = \"24h\"` or choose another"),
        ("cache = 1", "`cache` must be a string with a unit; write `cache = \"1ms\"` or `cache = \"1s\"`"),
        ("interval = \"0ms\"", "`interval` must be at least 1ms; write `interval = \"1ms\"` or choose another"),
        ("interval = \"99999999999999999999h\"", "`interval` must be at most 24h; write `interval = \"24h\"` or choose another"),
        ("interval = 1.5", &format!("`interval` {times} `interval = \"10s\"`")),
        ("interval = true", &format!("`interval` {path} `interval = \"10s\"`")),
        ("critical = \"false\"", "`critical` must be `true` or `false`; write `critical = false`"),
        ("critical = 0", "`critical` must be `true` or `false`; write `critical = false`"),
        ("critical = yes", "`critical` must be `true` or `false`; write `critical = true`"),
        ("critical = Off", "`critical` must be `true` or `false`; write `critical = false`"),
        ("critical = True", "`critical` must be `true` or `false`; write `critical = true`"),
        ("critical = !OPTIONAL", "`critical` must be `true` or `false`; write `critical = false`"),
        ("failure_threshold = LIMIT + 1", "`failure_threshold` must be an integer; write `failure_threshold = 3`"),
        ("failure_threshold = 0", "`failure_threshold` must be at least 1; write `failure_threshold = 3`"),
        ("failure_threshold = -1", "`failure_threshold` must be at least 1; write `failure_threshold = 3`"),
        ("failure_threshold = \"5\"", "`failure_threshold` must be an integer; write `failure_threshold = 5`"),
        ("success_threshold = 2.0", "`success_threshold` must be an integer; write `success_threshold = 2`"),
        ("success_threshold = 2u64", "`success_threshold` must be an integer; write `success_threshold = 2`"),
        ("success_threshold = 4294967296", "`success_threshold` must be at most 4294967295; write `success_threshold = 2`"),
        ("quorum = 0", "`quorum` must be at least 1; write `quorum = 1`"),
        ("quorum = \"2\"", "`quorum` must be an integer; write `quorum = 2`"),
        ("tags = \"storage\"", "`tags` must be an array of string literals; write `tags = [\"storage\"]`"),
        ("tags = (\"a\")", "`tags` must be in brackets; write `tags = [\"storage\"]`"),
        ("tags = [a]", list),
        ("tags = [1]", list),
        ("tags = [\"a\" \"b\"]", list),
        ("tags = [\"a\",,]", "`tags` must have a string literal before each comma; drop this one"),
        ("tags = [, \"a\"]", "`tags` must have a string literal before each comma; drop this one"),
        ("tags = [\"\"]", "`tags` must hold names, and each must not be empty; write `\"database\"`"),
        ("tags = [\"a\", \"a\"]", "`tags` must hold `\"a\"` once; drop this one"),
        ("after = \"orders\"", "`after` must be an array of string literals; write `after = [\"orders\"]`"),
        ("after = orders", "`after` must be an array of string literals; write `after = [\"database\"]`"),
        ("after = [orders]", "`after` must hold string literals, with commas between them; write `after = [\"database\"]`"),
        (
            "after = [\"a b\"]",
            "`after` must hold names, and each must consist of ASCII letters, digits, `_`, `.` and `-`, without spaces; write `\"a-b\"`",
        ),
        ("after = [\"a\", \"a\"]", "`after` must hold `\"a\"` once; drop this one"),
        ("grace = 30", "`grace` must be a string with a unit; write `grace = \"30ms\"` or `grace = \"30s\"`"),
        ("grace = \"25h\"", "`grace` must be at most 24h; write `grace = \"24h\"` or choose another"),
        ("shared = \"yes\"", "`shared` must be `true` or `false`; write `shared = true`"),
        ("slow = \"0s\"", "`slow` must be at least 1ns; write `slow = \"1ns\"` or choose another"),
        ("slow = \"750ms\"", "`slow` must be below `timeout`, which is 750ms; choose a shorter `slow`, or a longer `timeout`"),
        (
            "timeout = \"1s\", slow = \"2s\"",
            "`slow` must be below `timeout`, which is 1s; choose a shorter `slow`, or a longer `timeout`",
        ),
        (
            "description = \" \"",
            "`description` must not be empty; write `description = \"the orders database answers\"`, or drop it",
        ),
        ("description = 1", "`description` must be a string literal; write `description = \"the orders database answers\"`"),
        ("crate = \"::health\"", "`crate` must be a path without quotes; write `crate = ::health`"),
        ("crate = 5", "`crate` must be a path; write `crate = ::health_runtime`"),
        ("crate = a::<u8>", "`crate` must be a path; write `crate = ::health_runtime`"),
    ] {
        let function = FUNCTION.replace("pool", if option.starts_with("quorum") { "#[each] pool" } else { "pool" });
        assert_eq!(expand(&format!("readiness, {option}"), &function).1, [expected], "{option}");
    }
}

#[test]
fn a_conflict_is_reported_at_the_later_argument() {
    let cache =
        "`cache` must not be combined with `interval`; keep `interval` for runs in the background, or `cache` for runs on demand";
    let interval =
        "`interval` must not be combined with `cache`; keep `interval` for runs in the background, or `cache` for runs on demand";
    let critical = "`critical` must not be `false` on a `liveness` check; drop it, or make the check `readiness`";
    let liveness = "`liveness` must not be combined with `critical = false`; drop one of them, or make the check `readiness`";
    for (arguments, expected) in [
        ("readiness, cache = \"1s\", interval = \"1s\"", interval),
        ("interval = \"1s\", cache = \"1s\", readiness", cache),
        (
            "readiness, failure_threshold = 2, grace = \"30s\"",
            "`grace` must not be combined with `failure_threshold`; keep `grace` for a time, or `failure_threshold` for a number of runs",
        ),
        (
            "readiness, grace = \"30s\", failure_threshold = 2",
            "`failure_threshold` must not be combined with `grace`; keep `grace` for a time, or `failure_threshold` for a number of runs",
        ),
        ("liveness, critical = false", critical),
        ("critical = false, readiness, liveness", liveness),
    ] {
        assert_eq!(messages(arguments), [expected], "{arguments}");
    }
}

#[test]
fn all_mistakes_are_reported_together() {
    let (_, errors) = expand(
        "rediness, timeout = 5, timeout = \"1s\", critical = \"x\", tags = [\"\", \"a\", \"a\"], failure_threshold = 0, crate = \"x\" cache",
        "unsafe fn _db<T>(a: &mut A, b: &'static B, c: impl C) -> ! {}",
    );
    assert_eq!(errors.len(), 10 + 7, "{errors:#?}");
}

#[test]
fn f8_shared_is_for_critical_readiness_checks() {
    for (arguments, expected) in [
        (
            "liveness, shared = true",
            "`shared` must not be on a `liveness` check, which never asks other instances; drop it, or make the check `readiness`",
        ),
        ("startup, shared = true", "`shared` must be on a `readiness` check; add `readiness`, or drop `shared`"),
        (
            "critical = false, readiness, shared = true",
            "`shared` must not be combined with `critical = false`, with which an instance never leaves rotation; drop one of them",
        ),
    ] {
        assert_eq!(messages(arguments), [expected], "{arguments}");
    }
}

#[test]
fn no_message_ends_with_a_period_or_starts_with_a_capital() {
    let (_, errors) =
        expand("x, Timeout = 5, cache = 1, name = 1, critical = 1", "unsafe extern \"C\" fn db(x: impl X) -> ! { loop {} }");
    assert!(errors.len() > 8, "{errors:#?}");
    for error in errors {
        assert!(!error.ends_with('.') && error.starts_with(|c: char| c == '`' || c.is_lowercase()), "{error}");
        assert!(error.contains(';'), "{error}");
    }
}

/// rust-analyzer completes a name at the place where it is emitted, so an unknown one is emitted too.
#[test]
fn the_names_of_all_arguments_are_emitted_for_completion() {
    for (arguments, names) in [
        ("readiness, timeout = \"1s\"", "readiness timeout"),
        ("readiness, tim", "readiness tim"),
        ("rea", "rea"),
        ("startup, crate = ::x, slow =", "startup slow"),
        ("", ""),
    ] {
        let (tokens, _) = expand(arguments, FUNCTION);
        let emitted = format!("__health :: complete ! {{ {names} }}").replace("  ", " ");
        assert!(tokens.to_string().contains(&emitted), "{arguments}: {tokens}");
    }
}

/// What rust-analyzer completes is what the attribute knows. `crate` cannot be the name of an item.
#[test]
fn every_argument_has_an_item_for_completion() {
    let source = include_str!("../../../health-runtime/src/private.rs");
    let items: Vec<&str> =
        source.lines().filter_map(|line| line.trim().strip_prefix("pub const ")?.strip_suffix(": () = ();")).collect();
    assert_eq!(items, crate::keys::names().filter(|name| *name != "crate").collect::<Vec<_>>());
}
