/// What becomes of a callback whose head has been judged. A macro, since what a function would return
/// takes hundreds of bytes in a build where each counts.
macro_rules! receive_with {
    ($state:ident, $begun:ident, $body:ident, $host:ident, $scheme:ty, $ring:path) => {{
        use ::sinch_callback::{ReplayGuard, reception::Next};

        use $crate::{
            answer,
            number::float,
            reception::{GO_ON, NO_ITEM, REFRESH, UNDECIDED, UNKNOWN, claimed_by, number_of},
            verdict,
        };

        let (verifier, guard, is_part, refreshes, now) = $host;
        let next = match $begun {
            Err(answer) => Next::Answer(answer),
            Ok(reception) if is_part => Next::Answer(reception.part($body.len())),
            Ok(reception) => reception.after_refreshes(refreshes).whole($body),
        };
        let next = match next {
            Next::Secrets(wanted) if verifier == 0 => wanted.none(),
            Next::Secrets(wanted) => match $ring(&$state.items, verifier) {
                Some(ring) => wanted.judge(ring),
                None => return NO_ITEM,
            },
            next => next,
        };
        match next {
            Next::Claim(wanted) => {
                let (said, claim) = match $state.items.guard(guard) {
                    Some(guard) => {
                        let claim = guard.claim(wanted.key(), now);
                        (number_of(&claim), Some(claim))
                    }
                    None if guard == 0 => (UNKNOWN, None),
                    None => return NO_ITEM,
                };
                let record = verdict::record(wanted.authentic(), now, said);
                match claimed_by::<$scheme>(wanted, claim) {
                    Next::Answer(answer) => answer::number_of(&answer, $state),
                    _ => {
                        $state.buffer.put(record.as_flattened());
                        GO_ON
                    }
                }
            }
            Next::Refresh(mismatch) => {
                let signed_at = float(mismatch.open().signed_at().get());
                $state.buffer.put(&signed_at.to_le_bytes());
                REFRESH
            }
            Next::Answer(answer) => answer::number_of(&answer, $state),
            Next::Undecided(_) | Next::Secrets(_) | Next::HandOff(_) => UNDECIDED,
        }
    }};
}
