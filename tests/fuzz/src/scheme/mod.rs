//! The verdict on a callback by each scheme, against an oracle of its own. An input may ask for a right
//! proof, and for a change behind it: no mutation hits upon an authentic callback by itself.

mod case;
mod moment;
mod oracle;
mod seeds;
mod signed;

use sinch_callback::{
    Promise, Rejection, UnixSeconds,
    scheme::{AnyScheme, Request, SchemeName, SchemeVerifier},
};

pub(crate) use seeds::seeds;

use case::Case;

/// The id that callbacks have to name.
const KEY: &str = "fuzz-key";

/// What is known of a callback that is accepted.
#[derive(Debug, PartialEq, Eq)]
struct Accepted {
    slot: usize,
    /// Whether the body is covered.
    covers_body: bool,
    replay_key: [u8; 16],
    age_secs: Option<u64>,
}

pub(crate) fn run(name: SchemeName, data: &[u8]) {
    let case = Case::read(name, data);
    let verdict = verdict(&case);
    match oracle::verdict(&case) {
        Some(expected) => assert_eq!(verdict, expected),
        // A body that a strict reader of JSON refuses: only what was signed may be accepted.
        None => {
            if let Ok(accepted) = &verdict {
                assert!(case.signed_keys.contains(&accepted.replay_key), "forged");
            }
        }
    }
    // Whatever was done to it, what is accepted is what was signed.
    if let (Ok(accepted), Some(intact)) = (&verdict, &case.intact) {
        assert!(intact == &signed::what_is_covered(&case), "forged");
        assert!(
            case.signed_keys.contains(&accepted.replay_key),
            "another key"
        );
    }
}

fn verdict(case: &Case) -> Result<Accepted, Rejection> {
    let key = case.name.names_key().then_some(KEY);
    let scheme = AnyScheme::new(case.name, key).expect("the scheme has its key");
    let verifier = SchemeVerifier::new(scheme, &case.secrets).expect("one to four good secrets");
    let now = UnixSeconds::new(case.now);
    let pairs = case.pairs.iter();
    let pairs = pairs.map(|(name, value)| (name.as_slice(), value.as_slice()));
    let request = Request::new(&case.method, &case.target);
    let authentic = verifier.authenticate(request, pairs, &case.body, now)?;
    assert_eq!(authentic.received(), case.body);
    let promise = authentic.promise();
    Ok(Accepted {
        slot: authentic.secret_slot().index().into(),
        covers_body: !matches!(promise, Promise::TokenOnly(_)),
        replay_key: *promise.replay_key().as_bytes(),
        age_secs: promise.signed_at().map(|at| now.since(at).as_secs()),
    })
}
