//! Which certificates of a chain a client needs.

use super::certificate::{Certificate, Validity};

/// The dates of the certificates that a client needs, and of the others.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Chain {
    /// The certificate of the server comes first.
    pub(super) needed: Vec<Validity>,
    pub(super) extra: Vec<Validity>,
}

/// Divides certificates into those that a client needs and the others, such as an old intermediate or a root.
///
/// The chain begins with the first certificate that has issued none of the others, and goes on with the issuer of each, up to one
/// whose issuer is a trusted root or is not there. Of several certificates of one issuer, such as an old one and a renewed one, a
/// client uses one that is valid, so the one that is valid longest counts. A certificate that is its own issuer is needed by no
/// client, unless it is the server's: a client trusts it or not, whether the server sends it or not.
pub(super) fn divide(certificates: &[Certificate], roots: &[Certificate], now: i64) -> Chain {
    let is_issuer = |certificate: &Certificate| {
        certificates.iter().any(|other| other != certificate && !other.is_self_issued() && certificate.issued(other))
    };
    let leaf = certificates.iter().position(|certificate| !is_issuer(certificate)).unwrap_or(0);
    let mut rest: Vec<&Certificate> = certificates.iter().collect();
    let mut chain = Chain::default();
    if rest.is_empty() {
        return chain;
    }
    let mut last = rest.remove(leaf);
    chain.needed.push(last.validity);
    while !last.is_self_issued() && !roots.iter().any(|root| root.issued(last) && root.validity.includes(now)) {
        let issuers = rest.iter().enumerate().filter(|(_, other)| !other.is_self_issued() && other.issued(last));
        let best = issuers.max_by_key(|(_, issuer)| (issuer.validity.includes(now), issuer.validity.end));
        let Some((index, _)) = best else { break };
        last = rest.remove(index);
        chain.needed.push(last.validity);
    }
    chain.extra.extend(rest.iter().map(|certificate| certificate.validity));
    chain
}

impl Validity {
    fn includes(&self, now: i64) -> bool {
        (self.begin..=self.end).contains(&now)
    }
}
