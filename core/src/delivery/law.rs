use alloc::{string::String, vec::Vec};
use core::cmp::Ordering;

use super::{
    deciding::{DecidingReport, Origin},
    leg::{Leg, Step},
    recipient,
    report::DeliveryReport,
    state::DeliveryState,
    status::DeliveryStatus,
};
use crate::{failure::permanence::Permanence, key::ContentKey, time::UnixSeconds};

/// What the reports on one message say, taken together: its legs, its state, the reason, what ties
/// it to the sender's business, and whether reports contradict each other.
///
/// All of that is a function of the **set** of reports: in whatever order, however often and with
/// whatever between them they are applied, the result is the same. So a replay has no second effect
/// by algebra, and not because somebody remembers it.
///
/// # Examples
/// ```
/// use sinch_callback::{Callback, ContentKey, Delivery, DeliveryState, Origin, UnixSeconds};
///
/// let mut delivery = Delivery::default();
/// for body in [
///     r#"{"message_delivery_report":{"message_id":"m","status":"READ","channel_identity":{"channel":"RCS","identity":"4791"}}}"#,
///     r#"{"message_delivery_report":{"message_id":"m","status":"FAILED","channel_identity":{"channel":"SMS","identity":"4791"}}}"#,
/// ] {
///     let callback = Callback::parse(body.as_bytes())?;
///     let content_key = ContentKey::of_body(body.as_bytes());
///     delivery.apply(&callback.reports[0], content_key, 0, UnixSeconds::new(1_795_600_811));
/// }
/// assert_eq!(delivery.state(), Some(DeliveryState::Read));
/// # Ok::<(), sinch_callback::Unrecognized>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Delivery {
    /// In the order of channel and identity.
    pub(super) legs: Vec<DeliveryLeg>,
    /// The failure that speaks for the whole message.
    pub(super) whole: Option<DecidingReport>,
    /// The latest report that is on no leg, of a submission or of a status that says nothing: who it
    /// went to is known by it all the same.
    pub(super) unknown: Option<DecidingReport>,
    /// What ties it to a business, in the order of [`Text::ALL`].
    pub(super) texts: [Option<Told>; 5],
    /// Set where an earlier version of a store had found a contradiction.
    pub(super) was_contradicted: bool,
}

/// One leg of a message's way: one channel and one recipient there. Two numbers on SMS are two
/// legs; two spellings of one number are one.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeliveryLeg {
    /// The greatest of what was reported on it.
    pub leg: Leg,
    /// The report that says so: among several the one of the latest moment.
    pub deciding: DecidingReport,
    /// Whether a failure was reported on it that no retry could mend.
    pub has_failed_for_good: bool,
}

impl DeliveryLeg {
    /// Whether reports disagree on how it ended: it has arrived, and has failed for good. A time-out
    /// that a late receipt corrects is normal, and no contradiction.
    #[must_use]
    pub const fn is_contradicted(&self) -> bool {
        self.leg.has_arrived() && self.has_failed_for_good
    }
}

/// A text that a report brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) value: String,
    /// `None` for what an earlier version of a store knew without, which is kept.
    pub(super) origin: Option<Origin>,
}

/// The texts that tie a message to the sender's business.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Text {
    Conversation,
    Contact,
    Metadata,
    Correlation,
    ClientReference,
}

impl Text {
    pub(super) const ALL: [Self; 5] = [
        Self::Conversation,
        Self::Contact,
        Self::Metadata,
        Self::Correlation,
        Self::ClientReference,
    ];

    fn of(self, report: &DeliveryReport) -> &str {
        match self {
            Self::Conversation => &report.conversation_id,
            Self::Contact => &report.contact_id,
            Self::Metadata => &report.correlation.metadata,
            Self::Correlation => &report.correlation.correlation_id,
            Self::ClientReference => &report.correlation.client_reference,
        }
    }
}

/// The reason code with which Sinch gives a message up on all channels.
const NO_CHANNELS_LEFT: &str = "NO_CHANNELS_LEFT";

impl Delivery {
    /// Adds a report to the set, and tells what it did to its leg. `place` is where the report stands
    /// among those of its callback.
    pub fn apply(
        &mut self,
        report: &DeliveryReport,
        content_key: ContentKey,
        place: u32,
        received_at: UnixSeconds,
    ) -> Step {
        let origin = Origin {
            occurred_at: report.occurred_at.clone(),
            content_key,
            place,
        };
        for (told, text) in self.texts.iter_mut().zip(Text::ALL) {
            tell(told, text.of(report), &origin);
        }
        let deciding = DecidingReport::of(report, &origin, received_at);
        let Some(reported) = Leg::of_status(report.status) else {
            keep_latest(&mut self.unknown, deciding);
            return Leg::step(None, report.status);
        };
        if speaks_for_the_whole(report) {
            keep_latest(&mut self.whole, deciding.clone());
        }
        self.apply_to_leg(report, reported, deciding)
    }

    fn apply_to_leg(
        &mut self,
        report: &DeliveryReport,
        reported: Leg,
        deciding: DecidingReport,
    ) -> Step {
        let has_failed_for_good = report
            .failure
            .as_ref()
            .is_some_and(|failure| failure.permanence == Permanence::Permanent);
        let known = self
            .legs
            .iter_mut()
            .find(|leg| leg.deciding.is_on_leg_of(report));
        let Some(leg) = known else {
            self.legs.push(DeliveryLeg {
                leg: reported,
                deciding,
                has_failed_for_good,
            });
            self.sort();
            return Step::Moved(reported);
        };
        let step = Leg::step(Some(leg.leg), report.status);
        let replaces = match step {
            Step::Moved(_) => true,
            Step::Repeated => leg.deciding.cmp_latest(&deciding) == Ordering::Less,
            Step::Late | Step::Submitted | Step::Unknown => false,
        };
        leg.has_failed_for_good |= has_failed_for_good;
        if replaces {
            leg.leg = reported;
            // A switch or a receipt may come without what names its leg in full.
            leg.deciding = deciding;
            self.sort();
        } else if leg.deciding.source.is_none() && leg.deciding.identity.is_empty() {
            leg.deciding.identity = deciding.identity;
            self.sort();
        }
        step
    }

    /// Legs stand in an order that does not depend on that of arrival.
    pub(super) fn sort(&mut self) {
        self.legs.sort_by_cached_key(|leg| {
            (
                leg.deciding.channel.trim().to_ascii_uppercase(),
                recipient::normalized_identity(&leg.deciding.identity),
            )
        });
    }

    /// The legs, by channel and identity.
    #[must_use]
    pub fn legs(&self) -> &[DeliveryLeg] {
        &self.legs
    }

    /// Where the message stands as a whole; `None` while no report has said anything that is known.
    #[must_use]
    pub fn state(&self) -> Option<DeliveryState> {
        DeliveryState::of(self.legs.iter().map(|leg| leg.leg), self.whole.is_some())
    }

    /// The report that makes the state what it is: the latest on the legs that stand where the
    /// message stands, or the failure that speaks for the whole. Its channel and its reason are the
    /// message's.
    #[must_use]
    pub fn deciding(&self) -> Option<&DecidingReport> {
        let state = self.state()?;
        let failed_as_a_whole = self
            .whole
            .as_ref()
            .filter(|_| state == DeliveryState::Failed);
        failed_as_a_whole.or_else(|| {
            self.legs
                .iter()
                .filter(|leg| DeliveryState::from(leg.leg) == state)
                .map(|leg| &leg.deciding)
                .max_by(|one, other| one.cmp_latest(other))
        })
    }

    /// The report to show: the deciding one, or, while no report has said anything that is known, the
    /// latest there is.
    #[must_use]
    pub fn shown(&self) -> Option<&DecidingReport> {
        self.deciding().or(self.unknown.as_ref())
    }

    /// The recipient's identities, as reports write them.
    pub fn identities(&self) -> impl Iterator<Item = &str> {
        let legs = self.legs.iter().map(|leg| &leg.deciding);
        legs.chain(&self.unknown)
            .map(|report| report.identity.as_str())
    }

    /// Whether reports disagree on how a leg ended.
    #[must_use]
    pub fn is_contradicted(&self) -> bool {
        self.was_contradicted || self.legs.iter().any(DeliveryLeg::is_contradicted)
    }

    /// Whether the report that would settle the message seems to be lost: it waits on one leg while
    /// another has failed, or it was taken off its channel and is on no other.
    #[must_use]
    pub fn is_stuck(&self) -> bool {
        match self.state() {
            Some(DeliveryState::Queued) => self.legs.iter().any(|leg| leg.leg == Leg::Failed),
            Some(DeliveryState::Switching) => true,
            _ => false,
        }
    }

    /// The conversation; empty where no report names one.
    #[must_use]
    pub fn conversation_id(&self) -> &str {
        self.text(Text::Conversation)
    }

    /// The contact; empty where no report names one.
    #[must_use]
    pub fn contact_id(&self) -> &str {
        self.text(Text::Contact)
    }

    /// `message_metadata` of the send, from the earliest report that has it.
    #[must_use]
    pub fn metadata(&self) -> &str {
        self.text(Text::Metadata)
    }

    /// `correlation_id` of the send, from the earliest report that has it.
    #[must_use]
    pub fn correlation_id(&self) -> &str {
        self.text(Text::Correlation)
    }

    /// `client_reference` of an SMS batch, from the earliest report that has it.
    #[must_use]
    pub fn client_reference(&self) -> &str {
        self.text(Text::ClientReference)
    }

    fn text(&self, text: Text) -> &str {
        Text::ALL
            .into_iter()
            .zip(&self.texts)
            .find(|(known, _)| *known == text)
            .and_then(|(_, told)| told.as_ref())
            .map_or("", |told| &told.value)
    }
}

/// Keeps the later one of two reports.
fn keep_latest(kept: &mut Option<DecidingReport>, report: DecidingReport) {
    let is_later = kept
        .as_ref()
        .is_none_or(|kept| kept.cmp_latest(&report) == Ordering::Less);
    if is_later {
        *kept = Some(report);
    }
}

/// Keeps a text where it is not empty and comes from an earlier report than what is kept.
fn tell(told: &mut Option<Told>, value: &str, origin: &Origin) {
    let is_earlier = told.as_ref().is_none_or(|told| {
        told.origin
            .as_ref()
            .is_some_and(|kept| origin.cmp_earliest(kept) == Ordering::Less)
    });
    if is_earlier && !value.is_empty() {
        *told = Some(Told {
            value: value.into(),
            origin: Some(origin.clone()),
        });
    }
}

/// Whether a report tells that the message has failed on whatever channel: it names none, or says
/// that none is left.
fn speaks_for_the_whole(report: &DeliveryReport) -> bool {
    let says_none_left = report
        .failure
        .as_ref()
        .is_some_and(|failure| failure.code.eq_ignore_ascii_case(NO_CHANNELS_LEFT));
    report.status == DeliveryStatus::Failed && (report.channel.trim().is_empty() || says_none_left)
}

// Two conditions, since clippy knows a test by the first alone; what the second keeps away has no
// proptest.
#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use alloc::{format, vec};

    use proptest::{collection::vec as vec_of, prelude::*, sample::select};

    use super::*;
    use crate::callback::body::Callback;

    /// A report, and the callback that it stands in.
    type Reported = (DeliveryReport, ContentKey);

    fn reported(body: &str) -> Reported {
        let mut callback = Callback::parse(body.as_bytes()).unwrap();
        let content_key = ContentKey::of_body(body.as_bytes());
        (callback.reports.remove(0), content_key)
    }

    fn report(status: &str, channel: &str, code: &str) -> Reported {
        on(status, channel, "46701234567", code, "")
    }

    fn on(status: &str, channel: &str, identity: &str, code: &str, at: &str) -> Reported {
        let reason = match code {
            "" => String::new(),
            code => format!(r#","reason":{{"code":"{code}"}}"#),
        };
        reported(&format!(
            r#"{{"event_time":"{at}","message_delivery_report":{{"message_id":"m","status":"{status}","channel_identity":{{"channel":"{channel}","identity":"{identity}"}}{reason}}}}}"#
        ))
    }

    fn of(reports: &[Reported]) -> Delivery {
        let mut delivery = Delivery::default();
        for (report, content_key) in reports {
            delivery.apply(report, *content_key, 0, UnixSeconds::new(10));
        }
        delivery
    }

    /// The state of every order of these reports, which is one.
    fn state_of_all_orders(reports: &[Reported]) -> Option<DeliveryState> {
        let expected = of(reports);
        let mut order: Vec<usize> = (0..reports.len()).collect();
        // Heap's algorithm.
        let mut counters = vec![0; reports.len()];
        let mut place = 0;
        while place < reports.len() {
            if counters[place] < place {
                let other = if place % 2 == 0 { 0 } else { counters[place] };
                order.swap(other, place);
                let ordered: Vec<_> = order.iter().map(|at| reports[*at].clone()).collect();
                assert_eq!(of(&ordered), expected, "{order:?}");
                counters[place] += 1;
                place = 0;
            } else {
                counters[place] = 0;
                place += 1;
            }
        }
        expected.state()
    }

    #[test]
    fn the_examples_of_several_legs_end_alike_in_every_order() {
        use DeliveryState as D;
        let queued = |channel| report("QUEUED_ON_CHANNEL", channel, "");
        let switched = report("SWITCHING_CHANNEL", "RCS", "DELIVERY_TIMED_OUT");
        let rcs_failed = report("FAILED", "RCS", "CHANNEL_FAILURE");
        let sms_failed = report("FAILED", "SMS", "CHANNEL_FAILURE");
        let rcs_read = report("READ", "RCS", "");
        for (reports, state) in [
            (vec![switched.clone(), queued("SMS")], D::Queued),
            (vec![switched.clone(), rcs_failed.clone()], D::Failed),
            (vec![sms_failed.clone(), rcs_read.clone()], D::Read),
            (
                vec![
                    queued("RCS"),
                    switched.clone(),
                    queued("SMS"),
                    rcs_read.clone(),
                    sms_failed.clone(),
                ],
                D::Read,
            ),
            (vec![queued("RCS"), switched.clone()], D::Switching),
            (vec![sms_failed.clone(), queued("RCS")], D::Queued),
            (
                vec![sms_failed, report("DELIVERED", "RCS", ""), queued("SMS")],
                D::Delivered,
            ),
        ] {
            assert_eq!(state_of_all_orders(&reports), Some(state), "{reports:?}");
        }
    }

    #[test]
    fn two_numbers_on_one_channel_are_two_legs_and_two_spellings_are_one() {
        let delivery = of(&[
            on("FAILED", "WHATSAPP", "+46 70 123", "", ""),
            on("QUEUED_ON_CHANNEL", "WHATSAPP", "4670456", "", ""),
            on("QUEUED_ON_CHANNEL", "WHATSAPP", "4670123", "", ""),
        ]);
        let legs: Vec<_> = delivery.legs().iter().map(|leg| leg.leg).collect();
        assert_eq!(legs, [Leg::Failed, Leg::Queued]);
        assert_eq!(delivery.state(), Some(DeliveryState::Queued));
        assert!(delivery.is_stuck());
    }

    #[test]
    fn no_receipt_to_come_is_a_state_of_its_own_below_what_is_certain() {
        let unknown = reported(
            r#"{"type":"recipient_delivery_report_sms","batch_id":"b","recipient":"4670","code":0,"status":"Unknown"}"#,
        );
        let dispatched = reported(
            r#"{"type":"recipient_delivery_report_sms","batch_id":"b","recipient":"4670","code":401,"status":"Dispatched"}"#,
        );
        let delivered = reported(
            r#"{"type":"recipient_delivery_report_sms","batch_id":"b","recipient":"+4670","code":0,"status":"Delivered"}"#,
        );
        let both = [dispatched, unknown];
        assert_eq!(state_of_all_orders(&both), Some(DeliveryState::Unconfirmed));
        let [dispatched, unknown] = both;
        assert_eq!(
            state_of_all_orders(&[dispatched, unknown, delivered]),
            Some(DeliveryState::Delivered)
        );
    }

    #[test]
    fn a_failure_that_names_no_channel_or_says_that_none_is_left_is_the_message_s() {
        use DeliveryState as D;
        let queued = report("QUEUED_ON_CHANNEL", "SMS", "");
        let none_left = report("FAILED", "RCS", "NO_CHANNELS_LEFT");
        let nameless = on("FAILED", "", "", "INTERNAL_ERROR", "");
        let delivered = report("DELIVERED", "SMS", "");
        for failed in [none_left, nameless] {
            let reason = failed.0.failure.clone();
            let reports = [queued.clone(), failed.clone()];
            assert_eq!(state_of_all_orders(&reports), Some(D::Failed));
            assert_eq!(of(&reports).deciding().unwrap().failure, reason);
            let reports = [queued.clone(), failed, delivered.clone()];
            assert_eq!(state_of_all_orders(&reports), Some(D::Delivered));
            assert_eq!(of(&reports).deciding().unwrap().failure, None);
        }
    }

    #[test]
    fn among_reports_that_say_as_much_the_latest_instant_gives_the_reason() {
        let earlier = on(
            "FAILED",
            "SMS",
            "1",
            "CHANNEL_FAILURE",
            "2026-01-02T03:04:05.5+01:00",
        );
        let later = on(
            "FAILED",
            "SMS",
            "1",
            "RATE_LIMITED",
            "2026-01-02T02:04:05.75Z",
        );
        let timeless = on("FAILED", "SMS", "1", "INTERNAL_ERROR", "");
        let reports = [later, timeless, earlier];
        state_of_all_orders(&reports);
        let delivery = of(&reports);
        let deciding = delivery.deciding().unwrap();
        assert_eq!(deciding.failure.as_ref().unwrap().code, "RATE_LIMITED");
    }

    #[test]
    fn a_receipt_after_a_permanent_failure_is_a_contradiction_and_after_a_time_out_is_not() {
        for (code, contradicted) in [
            ("RECIPIENT_INVALID_CHANNEL_IDENTITY", true),
            ("DELIVERY_REPORT_TIME_OUT", false),
            ("RATE_LIMITED", false),
        ] {
            let reports = [
                report("FAILED", "SMS", code),
                report("DELIVERED", "SMS", ""),
                report("QUEUED_ON_CHANNEL", "SMS", ""),
            ];
            assert_eq!(
                state_of_all_orders(&reports),
                Some(DeliveryState::Delivered)
            );
            assert_eq!(of(&reports).is_contradicted(), contradicted, "{code}");
        }
        let on_another_leg = [
            report("FAILED", "SMS", "RECIPIENT_INVALID_CHANNEL_IDENTITY"),
            report("DELIVERED", "RCS", ""),
        ];
        assert!(!of(&on_another_leg).is_contradicted());
    }

    #[test]
    fn correlation_is_that_of_the_earliest_report_that_has_it() {
        let with = |at: &str, id: &str, metadata: &str| {
            reported(&format!(
                r#"{{"event_time":"{at}","correlation_id":"{id}","message_delivery_report":{{"message_id":"m","status":"TELEPORTED","metadata":"{metadata}"}}}}"#
            ))
        };
        let reports = [
            with("2026-01-02T02:00:00Z", "second", ""),
            with("2026-01-02T01:30:00+01:00", "first", ""),
            with("2026-01-02T03:00:00Z", "third", "shop"),
            with("", "timeless", "timeless"),
            with("2026-01-02T00:00:00Z", "", ""),
        ];
        assert_eq!(state_of_all_orders(&reports), None);
        let delivery = of(&reports);
        assert_eq!(delivery.correlation_id(), "first");
        assert_eq!(delivery.metadata(), "shop");
    }

    #[cfg(feature = "records")]
    #[test]
    fn what_was_taken_over_shows_as_it_was_and_gives_way_to_reports() {
        let (failed, _) = report("FAILED", "RCS", "RATE_LIMITED");
        let mut delivery = Delivery::decode(
            r#"{"legs":[{"channel":"SMS","identity":"46701","leg":"queued","received":5},
                {"channel":"RCS","identity":"","leg":"failed","received":6,"failure":null}],
                "texts":[{"metadata":"shop","contact_id":""}],"was_contradicted":false}"#,
        )
        .unwrap();
        assert_eq!(delivery.state(), Some(DeliveryState::Queued));
        assert_eq!(delivery.deciding().unwrap().channel, "SMS");
        // The identity of the other leg had not been kept.
        let content_key = ContentKey::of_body(b"failed");
        let step = delivery.apply(&failed, content_key, 0, UnixSeconds::new(7));
        assert_eq!(step, Step::Repeated);
        let (read, _) = on("DELIVERED", "SMS", "+46701", "", "");
        delivery.apply(&read, content_key, 1, UnixSeconds::new(8));
        assert_eq!(delivery.legs().len(), 2);
        assert_eq!(delivery.state(), Some(DeliveryState::Delivered));
        assert_eq!(delivery.metadata(), "shop");
        assert_eq!(Delivery::decode(&delivery.encode()), Some(delivery));
    }

    fn any_report() -> impl Strategy<Value = Reported> {
        let status = select(
            &[
                "QUEUED_ON_CHANNEL",
                "SWITCHING_CHANNEL",
                "FAILED",
                "DELIVERED",
                "READ",
                "Unknown",
                "TELEPORTED",
            ][..],
        );
        let channel = select(&["SMS", "RCS", "WHATSAPP", ""][..]);
        let identity = select(&["+4670 1", "46701", "46702", ""][..]);
        let code = select(
            &[
                "",
                "NO_CHANNELS_LEFT",
                "RATE_LIMITED",
                "RECIPIENT_INVALID_CHANNEL_IDENTITY",
                "DELIVERY_TIMED_OUT",
            ][..],
        );
        let at = select(
            &[
                "",
                "soon",
                "2026-01-02T03:04:05Z",
                "2026-01-02T04:04:05.000+01:00",
                "2026-01-02T03:04:05.1Z",
                "2026-01-02T03:04:06Z",
            ][..],
        );
        let text = select(&["", "one", "two"][..]);
        (status, channel, identity, code, at, text).prop_map(
            |(status, channel, identity, code, at, text)| {
                reported(&format!(
                    r#"{{"event_time":"{at}","correlation_id":"{text}","message_delivery_report":{{"message_id":"m","status":"{status}","metadata":"{text}","channel_identity":{{"channel":"{channel}","identity":"{identity}"}},"reason":{{"code":"{code}"}}}}}}"#
                ))
            },
        )
    }

    proptest! {
        #[test]
        fn no_order_no_repetition_and_no_interleaving_changes_what_reports_say(
            reports in vec_of(any_report(), 1..8),
            arrivals in vec_of(any::<prop::sample::Index>(), 0..16),
            seed in any::<u64>(),
        ) {
            let expected = of(&reports);
            // Each at least once, in another order, with repeats anywhere between.
            let mut order: Vec<usize> = (0..reports.len()).collect();
            order.extend(arrivals.iter().map(|index| index.index(reports.len())));
            fastrand::Rng::with_seed(seed).shuffle(&mut order);
            let arrived: Vec<_> = order.iter().map(|at| reports[*at].clone()).collect();
            prop_assert_eq!(of(&arrived), expected);
        }

        #[test]
        fn no_report_lowers_a_leg_and_what_is_kept_reads_back(
            reports in vec_of(any_report(), 1..8),
        ) {
            let mut delivery = Delivery::default();
            for (report, content_key) in &reports {
                let before = delivery.clone();
                delivery.apply(report, *content_key, 0, UnixSeconds::new(10));
                for leg in before.legs() {
                    let after = delivery.legs().iter().find(|after| {
                        let (one, other) = (&leg.deciding, &after.deciding);
                        one.channel == other.channel
                            && recipient::normalized_identity(&one.identity)
                                == recipient::normalized_identity(&other.identity)
                    });
                    prop_assert!(after.is_some_and(|after| after.leg >= leg.leg));
                }
                // A store may keep it after each report.
                #[cfg(feature = "records")]
                {
                    let read = Delivery::decode(&delivery.encode());
                    prop_assert_eq!(read.as_ref(), Some(&delivery));
                    delivery = read.unwrap_or_default();
                }
            }
            prop_assert_eq!(delivery, of(&reports));
        }
    }
}
