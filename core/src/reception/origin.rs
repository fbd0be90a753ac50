use super::answer::Answer;

/// The header in which a receiver's answer to a callback says its code, in lower case.
///
/// It is how an edge in front of the receiver knows that the receiver itself has spoken, and not an
/// access layer, a proxy or a catch-all on the way to it. The value is for people: the code that
/// stands in the body too.
pub const ANSWER_HEADER: &str = "x-sinch-callback";

/// What an edge knew of a callback when it forwarded it to the origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Forwarded {
    /// It is authentic and timely.
    Authentic,
    /// There was no secret to judge it by, so the origin decides.
    Undecided,
}

/// What an origin answered to a callback that an edge has forwarded.
///
/// A sender that is told 4xx does not retry, so an answer may go on to it only where it is one that a
/// receiver means. Everything else becomes [`Answer::ORIGIN_REFUSED`](super::Answer::ORIGIN_REFUSED):
/// Sinch retries for up to 22 h 45 min, and what stood between edge and receiver can be mended
/// meanwhile.
///
/// # Examples
/// ```
/// use sinch_callback::{Answer, Forwarded, OriginAnswer};
///
/// // A proxy's 404 would end Sinch's retries: the sender is answered 503 in its place.
/// let catch_all = OriginAnswer { status: 404, is_marked: false };
/// assert_eq!(catch_all.instead(Forwarded::Authentic), Some(Answer::ORIGIN_REFUSED));
/// let receiver = OriginAnswer { status: 200, is_marked: true };
/// assert_eq!(receiver.instead(Forwarded::Authentic), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct OriginAnswer {
    /// The HTTP status.
    pub status: u16,
    /// Whether the answer has an [`ANSWER_HEADER`], or the origin is known to be one that has none.
    pub is_marked: bool,
}

impl OriginAnswer {
    /// What the sender is answered in place of it; `None` where the origin's answer goes on.
    #[must_use]
    pub const fn instead(self, forwarded: Forwarded) -> Option<Answer> {
        if self.passes(forwarded) {
            None
        } else {
            Some(Answer::ORIGIN_REFUSED)
        }
    }

    /// Whether the origin has the callback, and the sender is told so.
    #[must_use]
    pub const fn is_success(self, forwarded: Forwarded) -> bool {
        self.status < 300 && self.passes(forwarded)
    }

    /// Whether the answer goes on to the sender.
    ///
    /// About an authentic callback only a success that the receiver itself reports is one, and 429
    /// may be anybody's, since it makes the sender retry. About an undecided one the receiver's
    /// refusal is meant too, and a failure is a failure whoever reports it. A redirect is never an
    /// answer to a callback.
    #[must_use]
    pub const fn passes(self, forwarded: Forwarded) -> bool {
        match (self.status, forwarded) {
            (429, _) | (500..=599, Forwarded::Undecided) => true,
            (200..=299, _) | (400..=499, Forwarded::Undecided) => self.is_marked,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::*;

    /// The statuses that pass, of all there are.
    fn passing(is_marked: bool, forwarded: Forwarded) -> Vec<u16> {
        (0..1_000)
            .filter(|status| {
                let answer = OriginAnswer {
                    status: *status,
                    is_marked,
                };
                answer.passes(forwarded)
            })
            .collect()
    }

    fn of(ranges: &[core::ops::RangeInclusive<u16>]) -> Vec<u16> {
        ranges.iter().cloned().flatten().collect()
    }

    #[test]
    fn about_an_authentic_callback_a_marked_success_and_429_pass_and_nothing_else() {
        assert_eq!(
            passing(true, Forwarded::Authentic),
            of(&[200..=299, 429..=429])
        );
    }

    #[test]
    fn about_an_authentic_callback_an_unmarked_success_is_nobodys_word() {
        assert_eq!(passing(false, Forwarded::Authentic), [429]);
    }

    #[test]
    fn about_an_undecided_callback_a_marked_refusal_passes_too_and_a_redirect_does_not() {
        assert_eq!(
            passing(true, Forwarded::Undecided),
            of(&[200..=299, 400..=599])
        );
    }

    #[test]
    fn about_an_undecided_callback_what_is_unmarked_passes_only_if_the_sender_retries() {
        assert_eq!(
            passing(false, Forwarded::Undecided),
            of(&[429..=429, 500..=599])
        );
    }
}
