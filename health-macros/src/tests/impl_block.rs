//! Methods as checks: the messages, and what stays as it is.

use super::expand_impl;

#[test]
fn each_mistake_on_an_impl_is_one_message() {
    let method = "#[health_check(readiness)] async fn ping(&self) {}";
    for (arguments, item, expected) in [
        (
            "readiness",
            format!("impl Repo {{ {method} }}"),
            "`health_checks` takes no arguments; write them in `#[health_check(…)]` on a method",
        ),
        (
            "",
            format!("impl Ping for Repo {{ {method} }}"),
            "`#[health_checks]` must be on an `impl` without a trait; move the checks to `impl Repo`",
        ),
        (
            "",
            format!("impl<T: X> Repo<T> {{ {method} }}"),
            "`#[health_checks]` must be on an `impl` that is not generic, since no caller chooses `T`; write the type out",
        ),
        (
            "",
            format!("impl<const N: u8> Repo<N> {{ {method} }}"),
            "`#[health_checks]` must be on an `impl` that is not generic, since no caller chooses `N`; write the value out",
        ),
        (
            "",
            format!("impl<'a> Repo<'a> {{ {method} }}"),
            "`#[health_checks]` must be on an `impl` that is not generic, since no caller chooses `'a`; write `'_`",
        ),
        (
            "",
            "struct Repo;".to_owned(),
            "`#[health_checks]` must be on an `impl`, not `struct Repo`; put it on the `impl` of a type",
        ),
        (
            "",
            "pub trait Repo { fn ping(&self); }".to_owned(),
            "`#[health_checks]` must be on an `impl`, not `trait Repo`; put it on the `impl` of a type",
        ),
        (
            "",
            "async fn ping() {}".to_owned(),
            "`#[health_checks]` must be on an `impl`, not `fn ping`; write `#[health_check(…)]` on a function",
        ),
        (
            "",
            "mod checks { }".to_owned(),
            "`#[health_checks]` must be on an `impl`, not `mod checks`; put it on the `impl` of a type",
        ),
        (
            "",
            "impl Repo { fn ping(&self) {} }".to_owned(),
            "`#[health_checks]` must be on an `impl` that has a method with `#[health_check]`; add it to one",
        ),
        (
            "",
            "impl Repo {}".to_owned(),
            "`#[health_checks]` must be on an `impl` that has a method with `#[health_check]`; add it to one",
        ),
    ] {
        assert_eq!(expand_impl(arguments, &item).1, [expected], "{item}");
    }
    assert_eq!(expand_impl("", "impl Repo { #[heath_check(readiness)] fn ping(&self) {} }").1, [""; 0], "rustc reports it");
}

#[test]
fn each_mistake_on_a_method_is_one_message() {
    let receiver = "since runs share their state; write `&self`";
    for (method, expected) in [
        ("#[health_check] fn ping(&self) {}", "health check `ping` must have a kind; write `#[health_check(readiness)]`, or one or more of `liveness`, `readiness` and `startup`".to_owned()),
        ("#[health_check = \"readiness\"] fn ping(&self) {}", "`health_check` must have its arguments in parentheses; write `#[health_check(readiness)]`".to_owned()),
        ("#[health_check(rediness)] fn ping(&self) {}", "unknown argument `rediness`; did you mean `readiness`?".to_owned()),
        ("#[health_check(readiness)] fn ping(self) {}", format!("health check `ping` must take `&self`, not `self`, {receiver}")),
        ("#[health_check(readiness)] fn ping(mut self) {}", format!("health check `ping` must take `&self`, not `self`, {receiver}")),
        ("#[health_check(readiness)] fn ping(self: Arc<Self>) {}", format!("health check `ping` must take `&self`, not `self: Arc<Self>`, {receiver}")),
        ("#[health_check(readiness)] fn ping(self: &Arc<Self>) {}", format!("health check `ping` must take `&self`, not `self: &Arc<Self>`, {receiver}")),
        ("#[health_check(readiness)] fn ping(&mut self) {}", format!("health check `ping` must not take `&mut self`, {receiver}, with a `Mutex` or an atomic in it")),
        ("#[health_check(readiness)] fn ping(&'static self) {}", "health check `ping` must not take `&'static`, since state lives as long as its `Health`; write `&self`".to_owned()),
        ("#[health_check(readiness)] fn ping(self: &'static Self) {}", "health check `ping` must not take `&'static`, since state lives as long as its `Health`; write `&Self`".to_owned()),
        ("#[health_check(readiness)] fn ping<T>(&self) {}", "health check `ping` must not be generic, since no caller chooses `T`; write the type out".to_owned()),
        ("#[health_check(readiness)] fn ping(#[cfg(unix)] &self) {}", "health check `ping` must not have `#[cfg]` on an argument; put it on the function, once for each case".to_owned()),
        ("#[health_check(readiness)] fn ping(#[each] &self, #[each] pool: &Pool) {}", "health check `ping` must have one `#[each]`, which names its instances; take the other value as `#[named(\"…\")]`".to_owned()),
        ("#[health_check(readiness)] fn ping(#[named] &self) {}", "`named` must have the name of a value; write `#[named(\"replica\")]`".to_owned()),
        ("#[health_check(readiness)] async fn ping(&self);", "health check `ping` must have a body; put the attribute on the function that does the check".to_owned()),
        ("#[health_check(readiness)] #[inline] #[health_check(startup)] fn ping(&self) {}", "health check `ping` must have one `#[health_check]`; list its kinds in one, as in `#[health_check(liveness, readiness)]`".to_owned()),
        ("#[health_check(readiness)] const PING: u8 = { 5 };", "health check `PING` must be a function, not `const PING`; put the attribute on the `fn` or `async fn` that does the check".to_owned()),
        ("#[health_check(readiness)] type Ping = u8;", "health check `Ping` must be a function, not `type Ping`; put the attribute on the `fn` or `async fn` that does the check".to_owned()),
        ("#[cfg_attr(unix, health_check(readiness))] fn ping(&self) {}", "`health_check` must not be in a `cfg_attr` inside `#[health_checks]`; write `#[cfg(…)]` and `#[health_check(…)]` on the method".to_owned()),
        ("#[cfg_attr(unix, inline, ::a::health_check)] fn ping(&self) {}", "`health_check` must not be in a `cfg_attr` inside `#[health_checks]`; write `#[cfg(…)]` and `#[health_check(…)]` on the method".to_owned()),
    ] {
        let (tokens, errors) = expand_impl("", &format!("impl Repo {{ {method} }}"));
        let errors: Vec<String> = errors.into_iter().chain(in_tokens(&tokens.to_string())).collect();
        assert_eq!(errors, [expected], "{method}");
    }
}

/// Returns the message that replaces a missing body.
fn in_tokens(tokens: &str) -> Option<String> {
    let (_, error) = tokens.split_once("compile_error ! { \"")?;
    Some(error.split_once('"')?.0.to_owned())
}

#[test]
fn all_mistakes_of_an_impl_are_reported_together() {
    let item = "impl<T> Repo<T> { #[health_check(rediness)] fn a(self) {} #[health_check(timeout = 5)] fn b<U>(&mut self) {} }";
    let (tokens, errors) = expand_impl("x", item);
    assert_eq!(errors.len(), 2 + 2 + 4, "{errors:#?}");
    assert!(!tokens.to_string().contains("__Check"));
}

#[test]
fn other_members_and_attributes_stay() {
    let item = "#[allow(x)] unsafe impl Repo where Self: Sized { \
        #![allow(y)] const A: u8 = { 5 } + { 6 }; type B = Foo<{ 1 }, { 2 }>; a::b! { fn x() {} } c!(); \
        #[doc = \"Docs.\"] \
        #[inline] pub fn other(&self) -> Foo<{ N }> where Self: Sized, { half.typed = & } \
        #[cfg(unix)] #[doc = \"More docs.\"] \
        pub(crate) async fn ping(&self, pool: &Pool) -> Result<(), Self::Error> { body } }";
    let annotated = item
        .replace("pub(crate) async", "#[::a::health_check(readiness)] #[inline] pub(crate) async")
        .replace("pool: &", "#[named(\"a\")] pool: &");
    let expected =
        item.replace("pub(crate) async", "#[inline] pub(crate) async").parse::<proc_macro2::TokenStream>().unwrap().to_string();
    let (tokens, errors) = expand_impl("", &annotated);
    assert_eq!(errors, [""; 0]);
    assert!(tokens.to_string().starts_with(&expected), "{tokens}\n{expected}");
}

#[test]
fn the_import_of_the_attribute_is_used_once() {
    let methods =
        "#[health_check(readiness)] fn a() {} #[health_check(readiness)] fn b() {} #[x::health_check(readiness)] fn c() {}";
    let (tokens, errors) = expand_impl("", &format!("#[cfg(unix)] impl Repo {{ {methods} }}"));
    assert_eq!(errors, [""; 0]);
    let tokens = tokens.to_string();
    let import = "# [cfg (unix)] const _ : () = { use health_check as _ ; } ;";
    assert_eq!(tokens.matches(import).count(), 1, "{tokens}");
    assert_eq!(tokens.matches("use x :: health_check as _").count(), 1, "{tokens}");
    assert_eq!(tokens.matches("# [cfg (unix)]").count(), 1 + 2 + 3, "{tokens}");
}
