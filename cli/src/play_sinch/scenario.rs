//! What becomes of what is sent: rules as data, from a file.

use core::time::Duration;

use serde::Deserialize;

/// The scenario that [`PlayArgs`](super::PlayArgs) prints: each trouble once, with what it stands for.
pub(super) const EXAMPLE: &str = include_str!("scenario.toml");

/// Rules, of which the first that fits a message holds; without one it is delivered.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Scenario {
    #[serde(default, rename = "rule")]
    rules: Vec<Rule>,
    #[serde(skip)]
    otherwise: Rule,
}

/// What becomes of the messages that it fits.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Rule {
    /// What the journal calls it.
    pub(crate) name: String,
    /// To whom: `*` stands for any characters, `?` for one. A plus at the beginning does not count.
    to: String,
    /// On which channel; on every one where it is empty.
    channel: String,
    /// How many calls it holds for, of each recipient on each channel; for all of them without it.
    pub(super) calls: Option<u32>,
    /// What share of the messages it holds for, from 0 to 1: the same ones each time, by their
    /// correlation id.
    share: Option<f64>,
    /// What the call is answered.
    pub(super) answer: Answer,
    /// Whether a message is sent all the same: as the answer says, unless it is set.
    sent: Option<bool>,
    /// How long the answer takes.
    pub(super) answer_after: Wait,
    /// How many messages are sent of one call.
    pub(super) messages: u32,
    /// When `MESSAGE_SUBMIT` comes, after the call.
    pub(super) submit_after: Maybe,
    /// What is reported of the message.
    #[serde(rename = "report")]
    pub(super) reports: Vec<Report>,
}

/// One delivery report.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Report {
    /// When, after the call.
    pub(super) after: Wait,
    /// The status, in the words of the Conversation API.
    pub(super) status: String,
    /// The channel, where it is another than the one asked for: then Sinch has switched.
    #[serde(default)]
    pub(super) channel: String,
    /// A failure's reason.
    #[serde(default)]
    pub(super) code: String,
    #[serde(default)]
    pub(super) sub_code: String,
    #[serde(default)]
    pub(super) description: String,
    /// How often it is called back: 0 for a report that is lost, 2 for a doubled one.
    #[serde(default = "once")]
    pub(super) copies: u32,
}

const fn once() -> u32 {
    1
}

/// What a call is answered.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(untagged)]
pub(crate) enum Answer {
    /// This status: 200 with a message id, or an error.
    Status(u16),
    Named(Named),
}

/// What is no answer.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Named {
    /// None comes: the connection stays open and says nothing.
    Silence,
    /// The connection is closed without one.
    Cut,
}

/// A time to wait: a number and `ms`, `s`, `m` or `h`.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(try_from = "String")]
pub(crate) struct Wait(pub(super) Duration);

impl TryFrom<String> for Wait {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let digits = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
        let unit = text.get(digits.len()..).unwrap_or_default();
        let unit_ms = match unit {
            "ms" => 1,
            "s" => 1_000,
            "m" => 60_000,
            "h" => 3_600_000,
            _ => 0,
        };
        let number = digits.parse::<u64>().ok().filter(|_| unit_ms > 0);
        number
            .and_then(|number| number.checked_mul(unit_ms))
            .map(|ms| Self(Duration::from_millis(ms)))
            .ok_or_else(|| format!("{text:?} is no time: expected one as in 500ms, 30s, 10m or 2h"))
    }
}

/// A time to wait, or `never`.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(try_from = "String")]
pub(crate) struct Maybe(pub(super) Option<Wait>);

impl TryFrom<String> for Maybe {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if text == "never" {
            return Ok(Self(None));
        }
        Wait::try_from(text).map(|wait| Self(Some(wait)))
    }
}

impl Default for Rule {
    fn default() -> Self {
        Self {
            name: String::new(),
            to: String::new(),
            channel: String::new(),
            calls: None,
            share: None,
            answer: Answer::Status(200),
            sent: None,
            answer_after: Wait::default(),
            messages: 1,
            submit_after: Maybe(Some(Wait(Duration::from_millis(50)))),
            reports: Vec::new(),
        }
    }
}

impl Rule {
    /// What holds where no rule fits.
    fn delivered() -> Self {
        let report = |status: &str, ms| Report {
            after: Wait(Duration::from_millis(ms)),
            status: status.to_owned(),
            channel: String::new(),
            code: String::new(),
            sub_code: String::new(),
            description: String::new(),
            copies: 1,
        };
        Self {
            name: "delivered".to_owned(),
            reports: vec![report("QUEUED_ON_CHANNEL", 100), report("DELIVERED", 1_000)],
            ..Self::default()
        }
    }

    /// Whether a message is sent, whatever the answer is.
    pub(super) fn is_sent(&self) -> bool {
        self.sent.unwrap_or(matches!(
            self.answer,
            Answer::Status(200..300) | Answer::Named(Named::Silence)
        ))
    }

    fn fits(&self, to: &str, channel: &str, key: &str) -> bool {
        (self.to.is_empty() || matches(self.to.trim_start_matches('+').as_bytes(), to.as_bytes()))
            && (self.channel.is_empty() || self.channel == channel)
            && self.share.is_none_or(|share| place(key) < share)
    }

    /// What a file may not say.
    fn check(&self, number: usize) -> Result<(), String> {
        let wrong = |what: &str| Err(format!("rule {number}: {what}"));
        match self.answer {
            Answer::Status(status) if !(200..600).contains(&status) => {
                return wrong("answer is a status from 200 to 599, \"silence\" or \"cut\"");
            }
            _ => {}
        }
        if self
            .share
            .is_some_and(|share| !(0.0..=1.0).contains(&share))
        {
            return wrong("share lies between 0 and 1");
        }
        if self.calls == Some(0) {
            return wrong("calls is at least 1: leave the rule out instead");
        }
        if !(1..=10).contains(&self.messages) {
            return wrong("messages is 1 to 10");
        }
        if self.reports.iter().any(|report| report.status.is_empty()) {
            return wrong("a report has an empty status");
        }
        Ok(())
    }
}

impl Scenario {
    /// The rules of a file's text.
    ///
    /// # Errors
    /// What is wrong with it, with its line.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let scenario: Self = toml::from_str(text).map_err(|error| error.to_string())?;
        for (index, rule) in scenario.rules.iter().enumerate() {
            rule.check(index.saturating_add(1))?;
        }
        Ok(Self {
            otherwise: Rule::delivered(),
            ..scenario
        })
    }

    /// The rule for a message to `to`, without a plus, on this channel. `taken` is told each rule that
    /// fits, by its place, and says whether that rule has calls left.
    pub(super) fn rule(
        &self,
        to: &str,
        channel: &str,
        key: &str,
        mut taken: impl FnMut(usize, u32) -> bool,
    ) -> &Rule {
        let fitting = self.rules.iter().enumerate().find(|(index, rule)| {
            rule.fits(to, channel, key) && rule.calls.is_none_or(|calls| taken(*index, calls))
        });
        fitting.map_or(&self.otherwise, |(_, rule)| rule)
    }
}

/// Whether a text is of this pattern.
fn matches(pattern: &[u8], text: &[u8]) -> bool {
    match (pattern.split_first(), text.split_first()) {
        (None, None) => true,
        (Some((b'*', rest)), after) => {
            matches(rest, text) || after.is_some_and(|(_, after)| matches(pattern, after))
        }
        (Some((b'?', rest)), Some((_, after))) => matches(rest, after),
        (Some((wanted, rest)), Some((found, after))) => wanted == found && matches(rest, after),
        _ => false,
    }
}

/// Where a key lies between 0 and 1.
fn place(key: &str) -> f64 {
    let key = sinch_callback::ContentKey::of_body(key.as_bytes());
    let number = key
        .as_bytes()
        .iter()
        .take(4)
        .fold(0_u32, |number, byte| (number << 8) | u32::from(*byte));
    f64::from(number) / 4_294_967_296.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_is_read_and_each_of_its_rules_holds_for_someone() {
        let scenario = Scenario::parse(EXAMPLE).unwrap();
        for (to, channel, name) in [
            ("15550101", "SMS", "fails"),
            ("15550101", "WHATSAPP", "delivered"),
            ("15550102", "SMS", "silent"),
            ("15550103", "SMS", "times out after sending"),
            ("15550104", "SMS", "late success"),
            ("15550105", "SMS", "switched by Sinch"),
            ("15550106", "SMS", "busy"),
            ("15550107", "SMS", "refused"),
            ("15550108", "SMS", "doubled"),
            ("15550109", "SMS", "reports lost and doubled"),
            ("15550199", "SMS", "delivered"),
        ] {
            let rule = scenario.rule(to, channel, "a", |_, _| true);
            assert_eq!(rule.name, name, "{to} {channel}");
        }
        // A rule for the first calls alone.
        assert_eq!(
            scenario.rule("15550106", "SMS", "a", |_, _| false).name,
            "delivered"
        );
    }

    #[test]
    fn what_a_file_may_not_say_is_refused_with_its_place() {
        for (text, told) in [
            ("[[rule]]\nansver = 200", "unknown field `ansver`"),
            (
                "[[rule]]\nanswer = 99",
                "rule 1: answer is a status from 200 to 599",
            ),
            (
                "[[rule]]\n[[rule]]\nshare = 2.0",
                "rule 2: share lies between 0 and 1",
            ),
            ("[[rule]]\nmessages = 0", "rule 1: messages is 1 to 10"),
            ("[[rule]]\ncalls = 0", "rule 1: calls is at least 1"),
            ("[[rule]]\nanswer_after = \"1 day\"", "\"1 day\" is no time"),
            (
                "[[rule]]\n[[rule.report]]\nafter = \"1s\"\nstatus = \"\"",
                "rule 1: a report has an empty status",
            ),
        ] {
            let error = Scenario::parse(text).unwrap_err();
            assert!(error.contains(told), "{text}: {error}");
        }
    }

    #[test]
    fn a_star_stands_for_any_characters_and_a_question_mark_for_one() {
        for (pattern, text, is_match) in [
            ("1555*", "15550100", true),
            ("1555*", "1555", true),
            ("1555", "15550100", false),
            ("*0100", "15550100", true),
            ("1555010?", "15550107", true),
            ("1555010?", "1555010", false),
            ("*@example.*", "a@example.com", true),
        ] {
            assert_eq!(
                matches(pattern.as_bytes(), text.as_bytes()),
                is_match,
                "{pattern} {text}"
            );
        }
    }

    #[test]
    fn a_share_takes_about_as_many_and_always_the_same() {
        let rule = Rule {
            share: Some(0.25),
            ..Rule::default()
        };
        let fits = |key: u32| rule.fits("1", "SMS", &key.to_string());
        let taken = (0..4_000).filter(|key| fits(*key)).count();
        assert!((900..1_100).contains(&taken), "{taken}");
        assert_eq!(taken, (0..4_000).filter(|key| fits(*key)).count());
    }
}
