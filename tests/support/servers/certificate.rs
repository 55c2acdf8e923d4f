//! Certificates with any end of validity.

use std::time::{Duration, SystemTime};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose, date_time_ymd};

/// The names of the server in every certificate.
const NAMES: [&str; 2] = ["localhost", "127.0.0.1"];

const DAY: f64 = 86_400.0;

/// The days that an authority is valid where the test is not about it.
const YEARS: f64 = 3650.0;

/// A certificate for a server and its chain, as PEM.
#[derive(Debug, Clone)]
pub struct Certificate {
    /// The leaf.
    pub leaf: String,
    /// Its private key.
    pub key: String,
    /// The intermediate that the server also sends.
    pub intermediate: Option<String>,
    /// The root, which a client has to trust.
    pub root: String,
}

impl Certificate {
    /// Creates a certificate that expires after this many days, or has expired if negative; the root signs it.
    #[must_use]
    pub fn ending_in(days: f64) -> Self {
        let root = root();
        let (leaf, key) = leaf(days, &root);
        Self { leaf, key, intermediate: None, root: root.pem() }
    }

    /// Creates a certificate with an intermediate, each with its days.
    #[must_use]
    pub fn with_intermediate(days: f64, days_of_intermediate: f64) -> Self {
        let root = root();
        let intermediate = CertifiedIssuer::signed_by(authority("intermediate", days_of_intermediate), new_key(), &root);
        let intermediate = intermediate.expect("an intermediate");
        let (leaf, key) = leaf(days, &intermediate);
        Self { leaf, key, intermediate: Some(intermediate.pem()), root: root.pem() }
    }
}

type Authority = CertifiedIssuer<'static, KeyPair>;

fn root() -> Authority {
    CertifiedIssuer::self_signed(authority("root", YEARS), new_key()).expect("a root")
}

fn authority(name: &str, days: f64) -> CertificateParams {
    let mut params = params(name, days);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

fn leaf(days: f64, issuer: &Authority) -> (String, String) {
    let key = new_key();
    let names = CertificateParams::new(NAMES.map(ToOwned::to_owned)).expect("names");
    let mut params = params(NAMES[0], days);
    params.subject_alt_names = names.subject_alt_names;
    (params.signed_by(&key, issuer).expect("a leaf").pem(), key.serialize_pem())
}

/// Parameters whose validity starts in 1975, before any end.
fn params(name: &str, days: f64) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, format!("{name} of the tests"));
    params.use_authority_key_identifier_extension = true;
    let now = date_time_ymd(1970, 1, 1) + SystemTime::UNIX_EPOCH.elapsed().expect("a clock that is right");
    let span = Duration::from_secs_f64(days.abs() * DAY);
    params.not_after = if days < 0.0 { now - span } else { now + span };
    params
}

fn new_key() -> KeyPair {
    KeyPair::generate().expect("a key")
}
