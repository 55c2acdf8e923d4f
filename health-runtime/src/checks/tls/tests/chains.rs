//! Which certificates of a chain are needed.

use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd};

use super::DAY;
use crate::checks::shared::test_support::summary::summary;
use crate::checks::tls::certificate::Certificate;
use crate::checks::tls::chain::divide;
use crate::checks::tls::validity::evaluate;

const NOW: u64 = 1_800_000_000;

/// An authority under a name, with a key.
type Authority = CertifiedIssuer<'static, KeyPair>;

/// Parameters of a certificate that ends this many days after `NOW`, or has ended before.
fn params(name: &str, days: i64) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    let end = NOW.checked_add_signed(days * i64::try_from(DAY).unwrap()).unwrap();
    (params.not_before, params.not_after) = (date_time_ymd(1970, 1, 1), date_time_ymd(1970, 1, 1) + Duration::from_secs(end));
    params.use_authority_key_identifier_extension = true;
    params
}

fn authority(name: &str, days: i64) -> CertificateParams {
    let mut params = params(name, days);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params
}

fn key() -> KeyPair {
    KeyPair::generate().unwrap()
}

fn copy(key: &KeyPair) -> KeyPair {
    KeyPair::from_pem(&key.serialize_pem()).unwrap()
}

fn root(name: &str, days: i64, key: KeyPair) -> Authority {
    CertifiedIssuer::self_signed(authority(name, days), key).unwrap()
}

fn intermediate(name: &str, days: i64, key: KeyPair, issuer: &Authority) -> Authority {
    CertifiedIssuer::signed_by(authority(name, days), key, issuer).unwrap()
}

fn leaf(days: i64, issuer: &Authority) -> Certificate {
    Certificate::parse(params("localhost", days).signed_by(&key(), issuer).unwrap().der()).unwrap()
}

fn parse(authority: &Authority) -> Certificate {
    Certificate::parse(authority.der()).unwrap()
}

fn outcome(certificates: &[Certificate], roots: &[Certificate]) -> String {
    let now = i64::try_from(NOW).unwrap();
    summary(&evaluate(&divide(certificates, roots, now), 14, now))
}

const UP: &str = "Up, days_left 80";
const EXTRA: &str = "Degraded: an extra certificate has expired, days_left 80";
const EXPIRED: &str = "Down: certificate has expired, days_left -10";

#[test]
fn an_intermediate_is_needed_and_a_root_is_not() {
    let [valid, expired] = [900, -10].map(|days| root("root", days, key()));
    for (days, expected) in [(90, UP), (5, "Degraded: certificate ends in 5 days, days_left 5"), (-10, EXPIRED)] {
        let issuer = intermediate("intermediate", days, key(), &valid);
        let leaf = leaf(80, &issuer);
        assert_eq!(outcome(&[leaf.clone(), parse(&issuer)], &[]), expected);
        assert_eq!(outcome(&[leaf.clone(), parse(&issuer), parse(&valid)], &[]), expected, "with its root");
        assert_eq!(outcome(&[leaf.clone(), parse(&valid), parse(&issuer)], &[]), expected, "in another order");
        assert_eq!(outcome(&[parse(&issuer), leaf], &[]), expected, "the leaf is not first");
    }
    let issuer = intermediate("intermediate", 90, key(), &expired);
    assert_eq!(outcome(&[leaf(80, &issuer), parse(&issuer), parse(&expired)], &[]), EXTRA);
    assert_eq!(outcome(&[leaf(80, &expired), parse(&expired)], &[]), EXTRA);
    assert_eq!(outcome(&[parse(&expired)], &[]), EXPIRED, "the server's own");
    assert_eq!(outcome(&[], &[]), "Down: there is no certificate");
}

#[test]
fn a_certificate_of_another_chain_is_extra() {
    let root = root("root", 900, key());
    let (issuer, other) = (intermediate("intermediate", 90, key(), &root), intermediate("other", -10, key(), &root));
    for certificates in [[leaf(80, &issuer), parse(&issuer), parse(&other)], [leaf(80, &issuer), parse(&other), parse(&issuer)]] {
        assert_eq!(outcome(&certificates, &[]), EXTRA);
    }
    assert_eq!(outcome(&[leaf(80, &issuer), parse(&issuer), leaf(-10, &other)], &[]), EXTRA);
}

#[test]
fn a_renewed_intermediate_replaces_the_old_one() {
    let root = root("root", 900, key());
    let same_key = key();
    let [old, renewed] = [-10, 90].map(|days| intermediate("intermediate", days, copy(&same_key), &root));
    let leaf_of_both = leaf(80, &renewed);
    for order in [[&old, &renewed], [&renewed, &old]] {
        assert_eq!(outcome(&[leaf_of_both.clone(), parse(order[0]), parse(order[1])], &[]), EXTRA);
    }
    // With another key the renewed one has not signed the certificate.
    let other_key = intermediate("intermediate", 90, key(), &root);
    assert_eq!(outcome(&[leaf(80, &old), parse(&other_key), parse(&old)], &[]), EXPIRED);
    assert_eq!(outcome(&[leaf(80, &other_key), parse(&other_key), parse(&old)], &[]), EXTRA);
}

/// Let's Encrypt did this for years: a root that is trusted by now is sent with the signature of an older one, which has expired.
#[test]
fn the_chain_ends_below_a_trusted_root() {
    let root_key = key();
    let [trusted, no_longer] = [900, -10].map(|days| root("new root", days, copy(&root_key)));
    let old_root = root("old root", -20, key());
    let crossed = intermediate("new root", -10, root_key, &old_root);
    let issuer = intermediate("intermediate", 90, key(), &trusted);
    let chain = [leaf(80, &issuer), parse(&issuer), parse(&crossed)];
    assert_eq!(outcome(&chain, &[parse(&trusted)]), EXTRA);
    assert_eq!(outcome(&chain, &[parse(&old_root), parse(&no_longer), parse(&trusted)]), EXTRA);
    for roots in [vec![], vec![parse(&no_longer)], vec![parse(&old_root)], vec![parse(&root("new root", 900, key()))]] {
        assert_eq!(outcome(&chain, &roots), EXPIRED, "{roots:?}");
    }
    assert_eq!(outcome(&chain[..2], &[]), UP);
}

/// Issuers that name each other have no end.
#[test]
fn a_loop_of_issuers_ends() {
    let [a_key, b_key] = [key(), key()];
    let (a_root, b_root) = (root("a", 900, copy(&a_key)), root("b", 900, copy(&b_key)));
    let (a, b) = (intermediate("a", 90, a_key, &b_root), intermediate("b", 85, b_key, &a_root));
    assert_eq!(outcome(&[leaf(80, &a), parse(&a), parse(&b)], &[]), UP);
    assert_eq!(outcome(&[parse(&a), parse(&b)], &[]), "Up, days_left 85");
}
