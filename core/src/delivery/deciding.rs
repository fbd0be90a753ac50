use alloc::string::String;
use core::cmp::Ordering;

use super::recipient;
use super::report::{Carrier, DeliveryReport, Failure};
use crate::{instant::Instant, key::ContentKey, time::UnixSeconds};

/// Which report says something, and when that happened: what reports are ordered by.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Origin {
    /// When it happened, as Sinch wrote it.
    pub occurred_at: String,
    /// The callback that the report stands in.
    pub content_key: ContentKey,
    /// Its place among the reports of that callback.
    pub place: u32,
}

impl Origin {
    /// The order of reports that say equally much, in which the greatest is believed: by the moment
    /// in which it happened, then by the content key, then by the place.
    ///
    /// Moments are compared as instants, whatever their offsets and fractions. A time that is absent
    /// or names no moment comes before all others, so that a report with a time is believed.
    #[must_use]
    pub fn cmp_latest(&self, other: &Self) -> Ordering {
        // `None` is the least.
        Instant::parse(&self.occurred_at)
            .cmp(&Instant::parse(&other.occurred_at))
            .then_with(|| self.cmp_key(other))
    }

    /// The order of reports that bring a text, in which the least is kept. As
    /// [`Origin::cmp_latest`], but a time that names no moment comes behind all others, so that a
    /// report with a time is believed here too.
    #[must_use]
    pub fn cmp_earliest(&self, other: &Self) -> Ordering {
        let (own, others) = (
            Instant::parse(&self.occurred_at),
            Instant::parse(&other.occurred_at),
        );
        own.is_none()
            .cmp(&others.is_none())
            .then_with(|| own.cmp(&others))
            .then_with(|| self.cmp_key(other))
    }

    fn cmp_key(&self, other: &Self) -> Ordering {
        (self.content_key, self.place).cmp(&(other.content_key, other.place))
    }
}

/// A report that decides where a leg or a whole message stands, as far as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecidingReport {
    /// The channel, as the report writes it.
    pub channel: String,
    /// The recipient's identity there, as the report writes it.
    pub identity: String,
    /// The status verbatim.
    pub status_text: String,
    /// When it happened, as Sinch wrote it.
    pub occurred_at: String,
    /// Why it failed or switched.
    pub failure: Option<Failure>,
    /// What the carrier said of it.
    pub carrier: Carrier,
    /// When the report arrived.
    pub received_at: UnixSeconds,
    /// The callback that it stands in, and its place there. `None` for what an earlier version of a
    /// store knew without: any report that says as much replaces it.
    pub source: Option<(ContentKey, u32)>,
}

impl DecidingReport {
    pub(super) fn of(report: &DeliveryReport, origin: &Origin, received_at: UnixSeconds) -> Self {
        Self {
            channel: report.channel.clone(),
            identity: report.identity.clone(),
            status_text: report.status_text.clone(),
            occurred_at: report.occurred_at.clone(),
            failure: report.failure.clone(),
            carrier: report.carrier.clone(),
            received_at,
            source: Some((origin.content_key, origin.place)),
        }
    }

    /// Whether the report speaks of the same channel and recipient.
    pub(super) fn is_on_leg_of(&self, report: &DeliveryReport) -> bool {
        recipient::same_channel(&self.channel, &report.channel)
            && (recipient::normalized_identity(&self.identity) == recipient::normalized_identity(&report.identity)
                // What was taken over knows no identity, and takes that of whoever comes first.
                || (self.source.is_none() && self.identity.is_empty()))
    }

    /// [`Origin::cmp_latest`]; what has no source is the least.
    pub(super) fn cmp_latest(&self, other: &Self) -> Ordering {
        match (self.origin(), other.origin()) {
            (Some(own), Some(others)) => own.cmp_latest(&others),
            (own, others) => own.is_some().cmp(&others.is_some()),
        }
    }

    fn origin(&self) -> Option<Origin> {
        let (content_key, place) = self.source?;
        Some(Origin {
            occurred_at: self.occurred_at.clone(),
            content_key,
            place,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(occurred_at: &str, key: u8, place: u32) -> Origin {
        Origin {
            occurred_at: occurred_at.into(),
            content_key: ContentKey::from_bytes([key; 16]),
            place,
        }
    }

    #[test]
    fn reports_are_ordered_by_instant_then_by_content_key_then_by_place() {
        let ordered = [
            origin("2026-01-02T03:04:05+01:00", 9, 0),
            origin("2026-01-02T02:04:05.25Z", 8, 0),
            origin("2026-01-02T02:04:05.3Z", 3, 0),
            origin("2026-01-02T03:04:05.300+01:00", 4, 0),
            origin("2026-01-02T02:04:05.30Z", 4, 1),
        ];
        for pair in ordered.windows(2) {
            assert_eq!(pair[0].cmp_latest(&pair[1]), Ordering::Less, "{pair:?}");
            assert_eq!(pair[0].cmp_earliest(&pair[1]), Ordering::Less, "{pair:?}");
        }
    }

    #[test]
    fn a_time_that_names_no_moment_is_believed_last_either_way() {
        let (with, without) = (origin("2026-01-02T03:04:05Z", 1, 0), origin("soon", 2, 0));
        assert_eq!(without.cmp_latest(&with), Ordering::Less);
        assert_eq!(with.cmp_earliest(&without), Ordering::Less);
        let other = origin("", 3, 0);
        assert_eq!(without.cmp_latest(&other), Ordering::Less, "by key alone");
        assert_eq!(without.cmp_earliest(&other), Ordering::Less);
    }
}
