//! Each mistake in the annotated item is one message.

use proc_macro2::TokenStream;

use super::expand;

#[test]
fn each_mistake_in_the_item_is_one_message() {
    for (item, expected) in [
        (
            "pub struct Db;",
            "health check `Db` must be a function, not `struct Db`; put the attribute on the `fn` or `async fn` that does the check",
        ),
        (
            "const X: u8 = 0;",
            "health check `X` must be a function, not `const X`; put the attribute on the `fn` or `async fn` that does the check",
        ),
        (
            "unsafe impl X for Y {}",
            "health check must be a function, not `impl`; put the attribute on a method, and `#[health_checks]` on the `impl`",
        ),
        (
            "db! { fn db() {} }",
            "health check must be a function, not `db`; put the attribute on the `fn` or `async fn` that does the check",
        ),
        (
            "::db::db! { fn db() {} }",
            "health check must be a function, not `db`; put the attribute on the `fn` or `async fn` that does the check",
        ),
        (
            "crate::db!();",
            "health check must be a function, not `db`; put the attribute on the `fn` or `async fn` that does the check",
        ),
        (
            "safe static mut X: u8;",
            "health check `X` must be a function, not `static X`; put the attribute on the `fn` or `async fn` that does the check",
        ),
        ("fn db();", "health check `db` must have a body; put the attribute on the function that does the check"),
        (
            "unsafe fn db() {}",
            "health check `db` must not be `unsafe`, since its caller is generated code; put an `unsafe` block inside it",
        ),
        (
            "extern \"C\" fn db() {}",
            "health check `db` must not be `extern`, or a panic in it would abort the process; drop the ABI",
        ),
        ("fn db<T>() {}", "health check `db` must not be generic, since no caller chooses `T`; write the type out"),
        ("fn db<const N: usize>() {}", "health check `db` must not be generic, since no caller chooses `N`; write the value out"),
        (
            "fn db(x: impl Fn()) {}",
            "health check `db` must not take `impl Trait`, since state is found by its type; write `&dyn Trait` or the type",
        ),
        (
            "fn db(x: &mut Vec<u8>) {}",
            "health check `db` must not take `&mut`, since runs share their state; write `&Vec<u8>`, with a `Mutex` or an atomic in it",
        ),
        (
            "fn db(x: Option<&mut Pool>) {}",
            "health check `db` must not take `&mut`, since runs share their state; write `&Pool`, with a `Mutex` or an atomic in it",
        ),
        (
            "fn db(x: &'static Pool) {}",
            "health check `db` must not take `&'static`, since state lives as long as its `Health`; write `&Pool`",
        ),
        (
            "fn db(#[cfg(unix)] x: &Pool) {}",
            "health check `db` must not have `#[cfg]` on an argument; put it on the function, once for each case",
        ),
        (
            "async fn db(&self) {}",
            "health check `db` must be a free function, or a method of a type; put `#[health_checks]` on the `impl`, or take `&T` instead of `self`",
        ),
        (
            "fn db() -> ! { loop {} }",
            "health check `db` must return; write `-> Result<(), E>`, or nothing for a check that can only panic",
        ),
        (
            "fn _db() {}",
            "health check `_db` must have another name, which must start with an ASCII letter or digit, not with `_`; add `name = \"db\"` to the attribute",
        ),
        (
            "#[health_check(liveness)] fn db() {}",
            "health check `db` must have one `#[health_check]`; list its kinds in one, as in `#[health_check(liveness, readiness)]`",
        ),
        (
            "#[inline] #[health_runtime::health_check(startup)] fn db() {}",
            "health check `db` must have one `#[health_check]`; list its kinds in one, as in `#[health_check(liveness, readiness)]`",
        ),
    ] {
        assert_eq!(expand("readiness", item).1, [expected], "{item}");
    }
}

#[test]
fn each_mistake_in_an_attribute_of_an_argument_is_one_message() {
    for (arguments, attributes, expected) in [
        ("", "#[named]", "`named` must have the name of a value; write `#[named(\"replica\")]`"),
        ("", "#[named()]", "`named` must have the name of a value; write `#[named(\"replica\")]`"),
        ("", "#[named = \"eu\"]", "`named` must have its name in parentheses; write `#[named(\"eu\")]`"),
        ("", "#[named = EU]", "`named` must have its name in parentheses; write `#[named(\"replica\")]`"),
        ("", "#[named(eu)]", "`named` must be one string literal; write `#[named(\"eu\")]`"),
        ("", "#[named(EU::NAME)]", "`named` must be one string literal; write `#[named(\"replica\")]`"),
        ("", "#[named(\"a\", \"b\")]", "`named` must be one string literal; write `#[named(\"replica\")]`"),
        ("", "#[named(\"\")]", "`named` must not be empty; write `#[named(\"replica\")]`"),
        ("", "#[each()]", "`each` takes no value; write `#[each]`"),
        ("", "#[each(\"eu\")]", "`each` takes no value; write `#[each]`"),
        ("", "#[each = true]", "`each` takes no value; write `#[each]`"),
        ("", "#[name(\"eu\")]", "unknown attribute `name` on an argument; did you mean `#[named(\"replica\")]`?"),
        (
            "",
            "#[cfg_attr(unix, named(\"eu\"))]",
            "health check `db` must not have `#[cfg]` on an argument; put it on the function, once for each case",
        ),
        (", quorum = 1", "#[every]", "unknown attribute `every` on an argument; did you mean `#[each]`?"),
        ("", "#[each] #[each]", "`#[each]` must be the only one of `#[each]` and `#[named(…)]` on an argument; drop this one"),
        (
            "",
            "#[each] #[named(\"a\")]",
            "`#[named]` must be the only one of `#[each]` and `#[named(…)]` on an argument; drop this one",
        ),
        (
            "",
            "#[each] a: Option<&Pool>,",
            "health check `db` must not be optional for each value, since it has an instance for each; write `&Pool`, and leave the check out with `without` where there is no value",
        ),
        (
            "",
            "#[each] a: &Pool, #[each]",
            "health check `db` must have one `#[each]`, which names its instances; take the other value as `#[named(\"…\")]`",
        ),
        (", quorum = 1", "#[named(\"a\")]", "`quorum` must come with `#[each]` on an argument; add it, or drop `quorum`"),
        (", quorum = LIMIT", "", "`quorum` must come with `#[each]` on an argument; add it, or drop `quorum`"),
    ] {
        let item = format!("fn db({attributes} pool: &Pool) {{}}");
        let (tokens, errors) = expand(&format!("readiness{arguments}"), &item);
        assert_eq!(errors, [expected], "{attributes}");
        assert!(!tokens.to_string().contains("# ["), "{attributes}");
    }
}

#[test]
fn attributes_of_arguments_that_belong_to_others_stay() {
    let (tokens, errors) = expand("readiness", "fn db(#[allow(x)] #[named(\"a\")] #[each::b] pool: &Pool) {}");
    assert_eq!(errors, [""; 0]);
    assert!(tokens.to_string().starts_with("fn db (# [allow (x)] # [each :: b] pool : & Pool) { }"), "{tokens}");
}

/// `compile_error!` has every type, so the compiler reports no second error.
#[test]
fn an_error_replaces_a_missing_body() {
    for item in ["async fn db()", "pub const fn db() -> u8", "extern \"C\" fn db(pool: &Pool)"] {
        let (tokens, errors) = expand("readiness", &format!("{item};"));
        let body = "{ ::core::compile_error! { \"health check `db` must have a body; put the attribute on the function that does the check\" } }";
        let expected: TokenStream = format!("{item} {body}").parse().unwrap();
        assert_eq!(tokens.to_string(), expected.to_string());
        assert_eq!(errors.len(), usize::from(item.starts_with("extern")), "{errors:#?}");
    }
}

#[test]
fn statements_and_expressions_are_left_to_the_compiler() {
    for item in [
        "let db = 1;",
        "|| ()",
        "5 + 5",
        "db();",
        "a::db();",
        "::a::db();",
        "<A as Db>::db();",
        "a::DB = 1;",
        "db!()",
        "db![].len();",
        "db! {};",
        "{ db(); }",
        "const { db() }",
        "unsafe { db() }",
        "async {};",
        "union(1);",
        "",
    ] {
        assert_eq!(expand("readiness", item).1, [""; 0], "{item}");
    }
}

#[test]
fn an_explicit_name_allows_any_function_name() {
    assert_eq!(expand("readiness, name = \"db\"", "fn _größe() {}").1, [""; 0]);
    assert_eq!(expand("readiness, name = \"\"", "fn _größe() {}").1.len(), 1);
}
