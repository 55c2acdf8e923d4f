//! Property tests draw from one seed.

#[test]
fn property_tests_have_a_seed() {
    let seed = std::env::var("PROPTEST_RNG_SEED");
    assert!(seed.is_ok(), "PROPTEST_RNG_SEED is not set; run cargo in the repository, whose `.cargo/config.toml` sets it");
}
