use crate::{detail::Detail, rejection::Rejection};

/// What a callback is answered: the HTTP status, a stable code, and a detail for people.
///
/// The one list of everything that a host of ours ever answers to a callback. A host takes an answer
/// from here or from [`Next::Answer`](super::Next::Answer), and writes it in its own form: the body
/// `{"code":…,"detail":…}`, and the code once more in the header [`ANSWER_HEADER`].
///
/// A sender that is told 4xx does not retry, so 4xx is for what no retry can help. What failed on
/// our side is 503.
///
/// [`ANSWER_HEADER`]: super::ANSWER_HEADER
///
/// # Examples
/// ```
/// use sinch_callback::{ANSWER_HEADER, Answer, Rejection};
///
/// let answer = Answer::from(Rejection::SignatureMismatch);
/// assert_eq!((answer.status(), answer.code()), (401, "signature_mismatch"));
/// let head = format!("{} \r\n{ANSWER_HEADER}: {}", answer.status(), answer.code());
/// assert_eq!(head, "401 \r\nx-sinch-callback: signature_mismatch");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer(Which);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Which {
    Fixed(&'static Fixed),
    Of(Rejection),
}

/// An answer whose words need no numbers.
#[derive(Debug, PartialEq, Eq)]
struct Fixed {
    place: u8,
    status: u16,
    code: &'static str,
    kind: AnswerKind,
    detail: &'static str,
}

named! {
    /// What an answer counts as: the series of a counter, the level of a log line.
    ///
    /// Closed on purpose: a new kind must break every host's build.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum AnswerKind {
        /// The callback has been handed off.
        Accepted = "accepted",
        /// An earlier copy has been handed off, and nothing was done.
        Absorbed = "absorbed",
        /// There is something wrong with the callback, its sender, or one of the two clocks.
        Refused = "refused",
        /// It may be signed with a secret that nobody here has read yet. Nothing has failed: whoever
        /// forges is answered so too, and no alarm counts it.
        Deferred = "deferred",
        /// Something on our side failed. An alarm counts it.
        Unavailable = "unavailable",
    }
}

impl Answer {
    /// The callback has been handed off.
    pub const ACCEPTED: Self = Self(Which::Fixed(&Fixed {
        place: 1,
        status: 200,
        code: "accepted",
        kind: AnswerKind::Accepted,
        detail: "stored",
    }));
    /// An earlier copy has been handed off. Not 4xx: the likely cause is a lost answer.
    pub const DUPLICATE: Self = Self(Which::Fixed(&Fixed {
        place: 2,
        status: 200,
        code: "duplicate",
        kind: AnswerKind::Absorbed,
        detail: "already stored",
    }));
    /// The signature matches no secret, and there are no newer ones.
    pub const SIGNATURE_MISMATCH: Self = Self(Which::Of(Rejection::SignatureMismatch));
    /// The signature matches no secret, and the host is set to [`OnMismatch::Defer`].
    ///
    /// [`OnMismatch::Defer`]: super::OnMismatch::Defer
    pub const MISMATCH_DEFERRED: Self = Self(Which::Fixed(&Fixed {
        place: 4,
        status: 503,
        code: Rejection::SignatureMismatch.code(),
        kind: AnswerKind::Refused,
        detail: Rejection::MISMATCH,
    }));
    /// The signature matches no secret that has been read, and may be of one that has not.
    pub const SECRET_MAY_BE_NEWER: Self = Self(Which::Fixed(&Fixed {
        place: 5,
        status: 503,
        code: "secret_may_be_newer",
        kind: AnswerKind::Deferred,
        detail: "the signature matches no secret that has been read so far, and may be of a newer one",
    }));
    /// There is no secret to judge with.
    pub const SECRET_UNAVAILABLE: Self = Self(Which::Fixed(&Fixed {
        place: 6,
        status: 503,
        code: "secret_unavailable",
        kind: AnswerKind::Unavailable,
        detail: "the webhook secret cannot be read at present",
    }));
    /// The callback could not be handed off, as far as is known.
    pub const HANDOFF_UNAVAILABLE: Self = Self(Which::Fixed(&Fixed {
        place: 7,
        status: 503,
        code: "handoff_unavailable",
        kind: AnswerKind::Unavailable,
        detail: "the callback cannot be stored at present",
    }));
    /// What an origin answered does not go on to the sender.
    pub const ORIGIN_REFUSED: Self = Self(Which::Fixed(&Fixed {
        place: 8,
        status: 503,
        code: "origin_refused",
        kind: AnswerKind::Unavailable,
        detail: "what stands behind the edge did not take the callback",
    }));
    /// The host saw only a part of the body.
    pub const BODY_TRUNCATED: Self = Self(Which::Of(Rejection::BodyTruncated));
    /// The body broke off, or came garbled from the gateway.
    pub const REQUEST_BROKEN: Self = Self(Which::Fixed(&Fixed {
        place: 10,
        status: 503,
        code: "request_broken",
        kind: AnswerKind::Unavailable,
        detail: "the body cannot be read to its end",
    }));
    /// The body did not arrive in time.
    pub const REQUEST_TIMEOUT: Self = Self(Which::Fixed(&Fixed {
        place: 11,
        status: 503,
        code: "request_timeout",
        kind: AnswerKind::Unavailable,
        detail: "the body did not arrive in time",
    }));
    /// There is no room for the request.
    pub const OVERLOADED: Self = Self(Which::Fixed(&Fixed {
        place: 12,
        status: 503,
        code: "overloaded",
        kind: AnswerKind::Unavailable,
        detail: "too much is on its way at once",
    }));
    /// It did not come by POST.
    pub const METHOD_NOT_ALLOWED: Self = Self(Which::Fixed(&Fixed {
        place: 13,
        status: 405,
        code: "method_not_allowed",
        kind: AnswerKind::Refused,
        detail: "callbacks come by POST",
    }));
    /// It came to a path that takes no callbacks.
    pub const UNKNOWN_PATH: Self = Self(Which::Fixed(&Fixed {
        place: 14,
        status: 404,
        code: "unknown_path",
        kind: AnswerKind::Refused,
        detail: "there is nothing at this path",
    }));

    /// It is authentic, and its sender waits for an answer that only the application can give: a queue
    /// cannot. 422, since a retry would ask the same.
    #[cfg(feature = "schemes")]
    pub const ANSWER_EXPECTED: Self = Self(Which::Fixed(&Fixed {
        place: 15,
        status: 422,
        code: "answer_expected",
        kind: AnswerKind::Refused,
        detail: "the sender waits for instructions, which no queue can give: point this callback at the application itself",
    }));

    /// Every answer whose words need no numbers, in an order that does not change. The others are those
    /// of [`Answer::of_rejection`].
    pub const ALL: &[Self] = &[
        Self::ACCEPTED,
        Self::DUPLICATE,
        Self::SIGNATURE_MISMATCH,
        Self::MISMATCH_DEFERRED,
        Self::SECRET_MAY_BE_NEWER,
        Self::SECRET_UNAVAILABLE,
        Self::HANDOFF_UNAVAILABLE,
        Self::ORIGIN_REFUSED,
        Self::BODY_TRUNCATED,
        Self::REQUEST_BROKEN,
        Self::REQUEST_TIMEOUT,
        Self::OVERLOADED,
        Self::METHOD_NOT_ALLOWED,
        Self::UNKNOWN_PATH,
        #[cfg(feature = "schemes")]
        Self::ANSWER_EXPECTED,
    ];

    /// The codes of all answers of a kind, for counters that begin at zero.
    pub fn codes(kind: AnswerKind) -> impl Iterator<Item = &'static str> {
        let rejections = Rejection::CODES.iter().copied();
        let others = Self::ALL.iter().copied();
        rejections
            .filter(move |_| kind == AnswerKind::Refused)
            .chain(
                others
                    .filter(move |answer| {
                        answer.kind() == kind && !Rejection::CODES.contains(&answer.code())
                    })
                    .map(|answer| answer.code()),
            )
    }

    /// What an authentic callback is answered once it was to be kept: [`Answer::ACCEPTED`] where that
    /// went well, and [`Answer::HANDOFF_UNAVAILABLE`] where it is not certain that it did, so that Sinch
    /// retries.
    ///
    /// # Examples
    /// ```
    /// use sinch_callback::Answer;
    ///
    /// let unwritable = std::fs::write("/no/such/folder/key.json", "{}");
    /// assert_eq!(Answer::kept(unwritable).status(), 503);
    /// assert_eq!(Answer::kept(Ok::<(), ()>(())).status(), 200);
    /// ```
    #[must_use]
    pub fn kept<T, E>(result: Result<T, E>) -> Self {
        match result {
            Ok(_) => Self::ACCEPTED,
            Err(_) => Self::HANDOFF_UNAVAILABLE,
        }
    }

    /// What a callback is answered that is rejected.
    ///
    /// 4xx is a promise that a retry cannot help. One that is ahead of our clock is 503, because time
    /// alone may help it.
    #[must_use]
    pub const fn of_rejection(rejection: Rejection) -> Self {
        Self(Which::Of(rejection))
    }

    /// The place in [`Answer::ALL`], from 1, by which hosts of other languages know it; 0 for what is
    /// not there.
    #[must_use]
    pub const fn place(&self) -> u8 {
        match self.0 {
            Which::Fixed(fixed) => fixed.place,
            Which::Of(Rejection::SignatureMismatch) => 3,
            Which::Of(Rejection::BodyTruncated) => 9,
            Which::Of(_) => 0,
        }
    }

    /// The HTTP status.
    #[must_use]
    pub const fn status(&self) -> u16 {
        match self.0 {
            Which::Fixed(fixed) => fixed.status,
            Which::Of(rejection) => rejection.http_status(),
        }
    }

    /// The stable code, for answers, counters and tests.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self.0 {
            Which::Fixed(fixed) => fixed.code,
            Which::Of(rejection) => rejection.code(),
        }
    }

    /// What it counts as.
    #[must_use]
    pub const fn kind(&self) -> AnswerKind {
        match self.0 {
            Which::Fixed(fixed) => fixed.kind,
            Which::Of(_) => AnswerKind::Refused,
        }
    }

    /// The rejection that it speaks of, where it is one.
    #[must_use]
    pub const fn rejection(&self) -> Option<Rejection> {
        match self.0 {
            Which::Of(rejection) => Some(rejection),
            Which::Fixed(_) => None,
        }
    }

    /// The same in words. What went wrong inside is for the log, not for the sender.
    #[must_use]
    pub fn detail(&self) -> Detail {
        match self.0 {
            Which::Fixed(fixed) => Detail::text(fixed.detail),
            Which::Of(rejection) => rejection.detail(),
        }
    }
}

impl From<Rejection> for Answer {
    fn from(rejection: Rejection) -> Self {
        Self::of_rejection(rejection)
    }
}

#[cfg(test)]
mod tests {
    use core::time::Duration;
    use std::{collections::HashSet, string::ToString};

    use super::*;

    #[test]
    fn each_answer_has_its_own_code_and_status() {
        let pairs: HashSet<_> = Answer::ALL
            .iter()
            .map(|it| (it.code(), it.status()))
            .collect();
        assert_eq!(pairs.len(), Answer::ALL.len());
    }

    #[test]
    fn each_answer_knows_its_place() {
        for (place, answer) in (1..).zip(Answer::ALL) {
            assert_eq!(answer.place(), place, "{}", answer.code());
        }
        assert_eq!(Answer::from(Rejection::UnsupportedAlgorithm).place(), 0);
    }

    #[test]
    fn each_code_is_counted_under_one_kind() {
        let of = |kind| Answer::codes(kind).collect::<std::vec::Vec<_>>();
        assert_eq!(of(AnswerKind::Absorbed), ["duplicate"]);
        assert_eq!(of(AnswerKind::Deferred), ["secret_may_be_newer"]);
        let refused = of(AnswerKind::Refused);
        let (rejections, others) = refused.split_at(Rejection::CODES.len());
        assert_eq!(rejections, Rejection::CODES);
        assert_eq!(others[..2], ["method_not_allowed", "unknown_path"]);
        #[cfg(feature = "schemes")]
        assert_eq!(others[2..], ["answer_expected"]);
    }

    #[test]
    fn what_failed_on_our_side_or_may_yet_be_right_is_503() {
        for answer in Answer::ALL {
            let may_pass = matches!(
                answer.kind(),
                AnswerKind::Deferred | AnswerKind::Unavailable
            );
            assert!(!may_pass || answer.status() == 503, "{}", answer.code());
        }
        let early = Rejection::FromFuture {
            ahead: Duration::from_secs(301),
            max_ahead: Duration::from_secs(300),
        };
        assert_eq!(Answer::from(early).status(), 503);
        assert_eq!(Answer::MISMATCH_DEFERRED.status(), 503);
    }

    #[test]
    fn a_rejection_s_answer_has_its_code_and_its_words() {
        let rejection = Rejection::BodyTooLarge { limit_bytes: 10 };
        let answer = Answer::from(rejection);
        assert_eq!((answer.status(), answer.code()), (413, "body_too_large"));
        assert_eq!(answer.detail().to_string(), rejection.to_string());
        assert_eq!(answer.rejection(), Some(rejection));
        assert_eq!(Answer::OVERLOADED.rejection(), None);
        assert_eq!(
            Answer::OVERLOADED.detail().to_string(),
            "too much is on its way at once"
        );
    }
}
