//! What the check reads of a certificate. Everything else may be malformed.

use x509_cert::der::asn1::{ContextSpecific, OctetString};
use x509_cert::der::oid::AssociatedOid;
use x509_cert::der::{Decode, Reader, Result, SliceReader, Tag};
use x509_cert::ext::Extensions;
use x509_cert::ext::pkix::{AuthorityKeyIdentifier, SubjectKeyIdentifier};
use x509_cert::time::Time;

/// The dates of a certificate, and how it is connected to others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Certificate {
    pub(super) validity: Validity,
    subject: Vec<u8>,
    issuer: Vec<u8>,
    key_id: Option<Vec<u8>>,
    issuer_key_id: Option<Vec<u8>>,
}

/// The first and the last second in which a certificate is valid, since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Validity {
    pub(super) begin: i64,
    pub(super) end: i64,
}

impl Certificate {
    pub(super) fn parse(der: &[u8]) -> Result<Self> {
        SliceReader::new(der)?.sequence(|certificate| {
            let parsed = certificate.sequence(|fields| {
                // The version, the serial number and the algorithm.
                if matches!(fields.peek_tag()?, Tag::ContextSpecific { .. }) {
                    fields.tlv_bytes()?;
                }
                fields.tlv_bytes()?;
                fields.tlv_bytes()?;
                let issuer = fields.tlv_bytes()?.to_vec();
                let validity = fields.sequence(|dates| {
                    // A date before 1970 is no error, because it is not in the future.
                    let begin = Time::from_der(dates.tlv_bytes()?).map_or(0, unix_seconds);
                    Ok(Validity { begin, end: unix_seconds(Time::decode(dates)?) })
                })?;
                let subject = fields.tlv_bytes()?.to_vec();
                let (mut key_id, mut issuer_key_id) = (None, None);
                while !fields.is_finished() {
                    // The extensions are optional, and others in front of them too.
                    if let Ok(extensions) = ContextSpecific::<Extensions>::from_der(fields.tlv_bytes()?) {
                        key_id = extension(&extensions.value, |id: SubjectKeyIdentifier| Some(id.0));
                        issuer_key_id = extension(&extensions.value, |id: AuthorityKeyIdentifier| id.key_identifier);
                    }
                }
                let [key_id, issuer_key_id] = [key_id, issuer_key_id].map(|id| id.map(|id: OctetString| id.into_bytes()));
                Ok(Self { validity, subject, issuer, key_id, issuer_key_id })
            })?;
            // The signature.
            while !certificate.is_finished() {
                certificate.tlv_bytes()?;
            }
            Ok(parsed)
        })
    }

    pub(super) fn is_self_issued(&self) -> bool {
        self.subject == self.issuer
    }

    /// Returns whether this certificate seems to have signed another one: its name fits, and its key if both name one.
    pub(super) fn issued(&self, other: &Self) -> bool {
        let same_key = match (&self.key_id, &other.issuer_key_id) {
            (Some(key), Some(issuer_key)) => key == issuer_key,
            _ => true,
        };
        self.subject == other.issuer && same_key
    }
}

/// Returns a value of an extension, if there is one that can be read.
fn extension<'e, E: AssociatedOid + Decode<'e>, T>(extensions: &'e Extensions, value: impl FnOnce(E) -> Option<T>) -> Option<T> {
    let extension = extensions.iter().find(|extension| extension.extn_id == E::OID)?;
    value(E::from_der(extension.extn_value.as_bytes()).ok()?)
}

fn unix_seconds(time: Time) -> i64 {
    i64::try_from(time.to_unix_duration().as_secs()).unwrap_or(i64::MAX)
}
