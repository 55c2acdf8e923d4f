//! The evaluation of dates.

use std::time::{Duration, UNIX_EPOCH};

use rcgen::{CertificateParams, CustomExtension, KeyPair, SerialNumber, date_time_ymd};

use super::{DAY, TestCertificate};
use crate::checks::shared::test_support::summary::summary;
use crate::checks::tls::certificate::{Certificate, Validity};
use crate::checks::tls::chain::Chain;
use crate::checks::tls::validity::{evaluate, unix_seconds};

const NOW: u64 = 1_800_000_000;

fn validity(begin: u64, end: u64) -> Validity {
    Certificate::parse(&TestCertificate::valid_between(begin, end).der()).unwrap().validity
}

/// Evaluates half a second after `NOW`.
fn outcome(needed: &[Validity], warn_days: u32) -> String {
    outcome_with_extra(needed, &[], warn_days)
}

fn outcome_with_extra(needed: &[Validity], extra: &[Validity], warn_days: u32) -> String {
    let now = unix_seconds(UNIX_EPOCH + Duration::from_millis(NOW * 1000 + 500));
    summary(&evaluate(&Chain { needed: needed.to_vec(), extra: extra.to_vec() }, warn_days, now))
}

#[test]
fn days_are_counted_down_to_the_second() {
    let table = [
        (NOW + 4000 * DAY, "Up, days_left 4000"),
        (NOW + 14 * DAY, "Up, days_left 14"),
        (NOW + 14 * DAY - 1, "Degraded: certificate ends in 13 days, days_left 13"),
        (NOW + 13 * DAY, "Degraded: certificate ends in 13 days, days_left 13"),
        (NOW + 2 * DAY - 1, "Degraded: certificate ends in 1 day, days_left 1"),
        (NOW + DAY - 1, "Degraded: certificate ends in less than a day, days_left 0"),
        (NOW, "Degraded: certificate ends in less than a day, days_left 0"),
        (NOW - 1, "Down: certificate has expired, days_left -1"),
        (NOW - DAY, "Down: certificate has expired, days_left -1"),
        (NOW - DAY - 1, "Down: certificate has expired, days_left -2"),
    ];
    for (end, expected) in table {
        assert_eq!(outcome(&[validity(0, end)], 14), expected, "{end}");
    }
}

#[test]
fn the_warning_starts_on_the_configured_day() {
    for (warn_days, expected) in
        [(0, "Up, days_left 13"), (13, "Up, days_left 13"), (3650, "Degraded: certificate ends in 13 days, days_left 13")]
    {
        assert_eq!(outcome(&[validity(0, NOW + 13 * DAY)], warn_days), expected, "{warn_days}");
    }
    assert_eq!(outcome(&[validity(0, NOW - 1)], 0), "Down: certificate has expired, days_left -1");
}

#[test]
fn a_certificate_is_not_valid_before_its_first_second() {
    let end = NOW + 30 * DAY;
    assert_eq!(outcome(&[validity(NOW, end)], 14), "Up, days_left 30");
    assert_eq!(outcome(&[validity(NOW + 1, end)], 14), "Down: certificate is not valid yet, days_left 30");
    assert_eq!(outcome(&[validity(NOW + 1, NOW + DAY)], 14), "Down: certificate is not valid yet, days_left 1");
}

#[test]
fn the_worst_certificate_counts_at_any_position_of_the_chain() {
    let [long, short, expired, future] = [(0, NOW + 90 * DAY), (0, NOW + 5 * DAY), (0, NOW - 1), (NOW + 1, NOW + 900 * DAY)]
        .map(|(begin, end)| validity(begin, end));
    let table = [
        ([long, long, long], "Up, days_left 90"),
        ([long, short, long], "Degraded: certificate ends in 5 days, days_left 5"),
        ([short, long, long], "Degraded: certificate ends in 5 days, days_left 5"),
        ([long, short, expired], "Down: certificate has expired, days_left -1"),
        ([long, future, long], "Down: certificate is not valid yet, days_left 90"),
        ([future, expired, long], "Down: certificate has expired, days_left -1"),
    ];
    for (chain, expected) in table {
        assert_eq!(outcome(&chain, 14), expected);
    }
    assert_eq!(outcome(&[], 14), "Down: there is no certificate");
}

#[test]
fn extra_certificates_degrade_at_most() {
    let [long, short, expired, future] = [(0, NOW + 90 * DAY), (0, NOW + 5 * DAY), (0, NOW - 1), (NOW + 1, NOW + 900 * DAY)]
        .map(|(begin, end)| validity(begin, end));
    let table = [
        (long, vec![long], "Up, days_left 90"),
        (long, vec![long, short], "Degraded: an extra certificate ends in 5 days, days_left 90"),
        (long, vec![expired, short], "Degraded: an extra certificate has expired, days_left 90"),
        (long, vec![future], "Degraded: an extra certificate is not valid yet, days_left 90"),
        (short, vec![expired], "Degraded: certificate ends in 5 days, days_left 5"),
        (expired, vec![long], "Down: certificate has expired, days_left -1"),
    ];
    for (needed, extra, expected) in table {
        assert_eq!(outcome_with_extra(&[needed], &extra, 14), expected);
    }
}

#[test]
fn fields_that_do_not_matter_may_be_unusual() {
    let expected = Validity { begin: 0, end: i64::try_from(NOW).unwrap() };
    let change: [fn(&mut CertificateParams); 5] = [
        |_| {},
        |params| params.serial_number = Some(SerialNumber::from(vec![0x7f; 40])),
        |params| params.not_before = date_time_ymd(1960, 1, 1),
        |params| params.custom_extensions.push(CustomExtension::from_oid_content(&[2, 5, 29, 35], vec![0xff])),
        |params| {
            let mut unknown = CustomExtension::from_oid_content(&[1, 2, 3], b"no DER".to_vec());
            unknown.set_criticality(true);
            params.custom_extensions.push(unknown);
        },
    ];
    for (index, change) in change.into_iter().enumerate() {
        let mut params = CertificateParams::default();
        (params.not_before, params.not_after) = (date_time_ymd(1970, 1, 1), date_time_ymd(1970, 1, 1) + Duration::from_secs(NOW));
        change(&mut params);
        let certificate = params.self_signed(&KeyPair::generate().unwrap()).unwrap();
        assert_eq!(Certificate::parse(certificate.der()).unwrap().validity, expected, "{index}");
    }
    for der in [&[][..], &[0x30], &[0x30, 0x80], b"garbage", &[0x30, 0x03, 0x30, 0x01, 0x02]] {
        assert!(Certificate::parse(der).is_err(), "{der:?}");
    }
}

/// Dates from 2050 on have another encoding, and the year 9999 means that a certificate does not expire.
#[test]
fn the_earliest_and_latest_dates_are_parsed() {
    assert_eq!(outcome(&[validity(0, 253_402_300_799)], 14), "Up, days_left 2912063");
    assert_eq!(outcome(&[validity(0, 0)], 14), "Down: certificate has expired, days_left -20834");
}
