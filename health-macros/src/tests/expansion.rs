//! Snapshots of the expansion, one for each form of argument, return type and option.

use syn::parse::ParseStream;
use syn::{Attribute, Block, File, Item};

use super::{expand, expand_impl};

/// Formats the expansion, with the macro around the generated code replaced by what it emits.
fn pretty(arguments: &str, item: &str) -> String {
    let (tokens, errors) = if item.contains("impl Repo") { expand_impl(arguments, item) } else { expand(arguments, item) };
    assert_eq!(errors, [""; 0]);
    let mut file: File = syn::parse2(tokens).unwrap();
    for item in &mut file.items {
        if let Item::Macro(generated) = item {
            let parse = |input: ParseStream| Ok((input.call(Attribute::parse_outer)?, input.parse::<Block>()?));
            let (attributes, code) = generated.mac.parse_body_with(parse).unwrap();
            *item = syn::parse_quote!(#(#attributes)* const _: () = #code;);
        }
    }
    prettyplease::unparse(&file)
}

macro_rules! snapshots {
    ($($name:ident: $arguments:literal, $item:literal;)*) => {
        $(
            #[test]
            fn $name() {
                let expansion = pretty($arguments, $item);
 insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, { insta::assert_snapshot!(expansion); });
            }
        )*
    };
}

snapshots! {
    no_argument_and_no_return_type: "readiness", "async fn db() { body }";
    argument_by_reference: "readiness", "async fn db(pool: &Pool) -> Result<(), Error> { body }";
    argument_unsized: "readiness", "async fn db(repo: &(dyn Repo + Send), name: &str, bytes: &[u8]) -> Result<(), Error> { body }";
    argument_optional: "readiness", "async fn db(pool: Option<&sqlx::SqlitePool>) -> Result<(), Error> { body }";
    argument_data: "readiness", "async fn db(pool: web::Data<Pool>) -> Result<(), Error> { body }";
    argument_of_a_liveness_check: "liveness, readiness", "async fn alive(beat: &AtomicU64, limit: Option<&Duration>) { body }";
    argument_named: "readiness", "async fn db(#[named(\"primary\")] primary: &Pool, #[named(\"replica\")] replica: Option<&Pool>, other: web::Data<Pool>) { body }";
    argument_each: "readiness, quorum = 2, name = \"shard\"", "async fn db(#[each] shard: &Pool) -> Result<(), Error> { body }";
    argument_each_of_a_liveness_check: "liveness, quorum = LIMIT", "fn alive(limit: &Duration, #[allow(unused)] #[each] beat: &AtomicU64) { body }";
    argument_with_a_lifetime: "readiness", "async fn db<'a>(pool: &'a Pool) -> Result<(), &'a str> { body }";
    return_outcome: "startup", "async fn db() -> Outcome { body }";
    return_details: "startup", "async fn db() -> Details<Pool> { body }";
    return_result_of_outcome: "startup", "async fn db() -> Result<Outcome, Box<dyn Error + Send + Sync>> { body }";
    return_impl_trait: "startup", "async fn db() -> impl IntoOutcome { body }";
    plain_function: "readiness", "fn disk(path: &Path) -> Result<(), std::io::Error> { body }";
    plain_function_without_return_type: "readiness", "fn disk() { body }";
    every_option: "startup, liveness, readiness, name = \"orders\", timeout = \"1s500ms\", critical = true, cache = \"0s\", \
        failure_threshold = 3, success_threshold = 2, tags = [\"a\", \"b\"], description = \"answers\", crate = crate::deps::health",
        "async fn db() { body }";
    shared: "readiness, shared = true", "async fn db() { body }";
    grace_slow_and_after: "readiness, grace = \"1m\", slow = \"100ms\", after = [\"database\", \"network\"]", "async fn db() { body }";
    constants: "liveness, timeout = TIMEOUT, critical = a::CRITICAL, cache = <A as B>::CACHE, failure_threshold = LIMIT", "async fn db() { body }";
    constants_of_a_background_check: "readiness, interval = INTERVAL, critical = CRITICAL, success_threshold = LIMIT", "async fn db() { body }";
    interval: "readiness, interval = \"10s\", critical = false", "async fn db() { body }";
    raw_identifiers: "readiness", "async fn r#match(r#type: &r#struct::r#Pool) { body }";
    method: "", "#[cfg(unix)] impl Repo { \
        const LIMIT: u32 = 3; \
        /// The repository answers.\n\
        #[health_check(readiness, timeout = Self::TIMEOUT, failure_threshold = <Self as Limits>::LIMIT)] \
        #[cfg(feature = \"x\")] pub async fn ping(&self, #[named(\"a\")] other: &Self) -> Result<(), Self::Error> { body } \
        fn other(&self) { body } }";
    method_for_each_value: "", "impl Repo<Postgres> { #[a::health_check(liveness, name = \"repo\", quorum = 1)] fn ping(#[each] &self) { body } }";
    method_without_self: "", "impl Repo { #[health_check(startup)] #[deprecated] async fn answers(this: &Repo) { body } }";
    attributes_and_visibility: "readiness", "/// The orders database\n/// answers.\n///\n/// More.\n#[cfg(unix)] #[cfg_attr(windows, cfg(x), inline)] #[tracing::instrument] \
        #[expect(dead_code)] #[deprecated] #[cfg_attr(unix, deprecated)] pub(crate) async fn db() { body }";
}

#[test]
fn an_explicit_crate_replaces_the_default_path() {
    let item = "async fn db(a: &A, b: Option<&B>) -> Result<(), E> { body }";
    let arguments = "readiness, timeout = \"1s\", interval = \"1s\", tags = [\"a\"], description = \"d\"";
    assert!(expand(arguments, item).0.to_string().contains("health_runtime"));
    let (tokens, errors) = expand(&format!("{arguments}, crate = ::x"), item);
    assert_eq!(errors, [""; 0]);
    assert!(!tokens.to_string().contains("health_runtime"));
}

#[test]
fn the_item_comes_first_and_unchanged() {
    let item = "#[inline] pub async fn db(pool: &Pool) -> u8 { half.typed = & }";
    let tokens = item.parse::<proc_macro2::TokenStream>().unwrap().to_string();
    for arguments in ["readiness", "", "crate = 5, x"] {
        assert!(expand(arguments, item).0.to_string().starts_with(&tokens), "{arguments}");
    }
}

#[test]
fn types_are_checked_after_a_mistake_in_the_arguments() {
    let (tokens, errors) = expand("readiness, timeout = 5", "async fn db(pool: &Pool) { body }");
    assert_eq!(errors.len(), 1);
    assert!(tokens.to_string().contains("__Check"));
}

#[test]
fn only_the_item_is_emitted_after_a_mistake_that_would_cause_more_errors() {
    for (arguments, item) in [
        ("readiness, crate = \"x\"", "async fn db () { body }"),
        ("readiness", "async fn db < T > () { body }"),
        ("readiness", "async fn db (& self) { body }"),
        ("readiness", "struct Db ;"),
    ] {
        let (tokens, errors) = expand(arguments, item);
        assert_eq!(errors.len(), 1, "{item}");
        assert_eq!(tokens.to_string(), item.parse::<proc_macro2::TokenStream>().unwrap().to_string());
    }
}

#[test]
fn a_second_attribute_is_removed() {
    let (tokens, errors) = expand("readiness", "#[a] #[::health_runtime::health_check(liveness)] #[b] async fn db() { body }");
    assert_eq!(errors.len(), 1);
    assert!(!tokens.to_string().contains("liveness"));
}
