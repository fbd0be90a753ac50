//! `tests/vectors/secret-schedule.json` against the schedule itself. Its values are stated by hand.

use core::time::Duration;
use std::collections::BTreeMap;

use serde::Deserialize;
use sinch_callback::{
    UnixSeconds,
    secret_schedule::{
        ReadOutcome, SecretNext, SecretSchedule, SecretStep, SecretTiming, SecretWait,
    },
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Scenario {
    id: String,
    #[serde(default)]
    timing: Timing,
    /// Those who run it; all, where nothing is said.
    #[serde(default)]
    hosts: Option<Vec<String>>,
    steps: Vec<(u64, String, String, String)>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Timing {
    #[serde(deserialize_with = "given")]
    refresh_secs: Option<Option<u64>>,
    patience_secs: Option<u64>,
    overlap_secs: Option<u64>,
    has_pause: Option<bool>,
}

/// `null` where it is written, which stands for never.
fn given<'de, D: serde::Deserializer<'de>>(value: D) -> Result<Option<Option<u64>>, D::Error> {
    Option::deserialize(value).map(Some)
}

impl Timing {
    fn over(&self, default: SecretTiming) -> SecretTiming {
        let refresh = self
            .refresh_secs
            .map(|secs| secs.map_or(Duration::MAX, Duration::from_secs));
        let [patience, overlap] =
            [self.patience_secs, self.overlap_secs].map(|secs| secs.map(Duration::from_secs));
        default
            .with_refresh(refresh.unwrap_or(default.refresh))
            .with_patience(patience.unwrap_or(default.patience))
            .with_overlap(overlap.unwrap_or(default.overlap))
            .with_pause(self.has_pause.unwrap_or(default.has_pause))
    }
}

/// A schedule, and the callbacks that wait for it.
struct Run {
    schedule: SecretSchedule,
    waiting: BTreeMap<String, SecretWait>,
}

impl Run {
    fn play(&mut self, at: u64, who: &str, what: &str) -> String {
        let now = UnixSeconds::new(at);
        let step = match what {
            "current" => self.schedule.current(now),
            "refresh" => self.schedule.refresh(true, now),
            "refresh other" => self.schedule.refresh(false, now),
            "waited" => self.waited(who, true, true, now),
            "waited other" => self.waited(who, true, false, now),
            "waited in vain" => self.waited(who, false, true, now),
            "reload" => return format!("begin {}", self.schedule.reload(now)),
            "forget" => {
                self.schedule.forget();
                return String::new();
            }
            "overlap" => {
                let replaced_at = UnixSeconds::new(number(who, "replaced at "));
                let is_accepted = self.schedule.timing().is_within_overlap(replaced_at, now);
                return if is_accepted { "accepted" } else { "dropped" }.into();
            }
            outcome => {
                let outcome = match outcome {
                    "same" => ReadOutcome::Same,
                    "other" => ReadOutcome::Other,
                    "failed" => ReadOutcome::Failed,
                    _ => panic!("{outcome}"),
                };
                let read = u32::try_from(number(who, "read ")).unwrap();
                let is_kept = self.schedule.ended(read, outcome);
                return if is_kept { "kept" } else { "late" }.into();
            }
        };
        if let SecretNext::Wait(wait) = step.next {
            self.waiting.insert(who.into(), wait);
        }
        told(step)
    }

    fn waited(
        &mut self,
        who: &str,
        has_ended: bool,
        is_at_hand: bool,
        now: UnixSeconds,
    ) -> SecretStep {
        let wait = self.waiting.remove(who).expect(who);
        self.schedule.leave();
        self.schedule.waited(wait, has_ended, is_at_hand, now)
    }
}

fn number(text: &str, before: &str) -> u64 {
    text.strip_prefix(before).unwrap().parse().unwrap()
}

fn told(step: SecretStep) -> String {
    let mut told = String::new();
    if step.gave_up {
        told += "gave up, ";
    }
    if let Some(read) = step.begin {
        told += &format!("begin {read}, ");
    }
    told + &match step.next {
        SecretNext::Use => "use".into(),
        SecretNext::Wait(wait) => format!("wait {}", wait.limit.as_millis()),
        SecretNext::Unchanged => "unchanged".into(),
        SecretNext::Recent(read_at) => format!("recent {read_at}"),
        SecretNext::UnderWay => "under way".into(),
        SecretNext::Unavailable => "unavailable".to_owned(),
    }
}

#[test]
fn each_step_of_each_scenario_is_as_stated() {
    let scenarios = include_str!("../vectors/secret-schedule.json");
    let scenarios: Vec<Scenario> = serde_json::from_str(scenarios).unwrap();
    for scenario in scenarios {
        let for_us = |hosts: &Vec<String>| hosts.iter().any(|host| host == "rust");
        assert!(
            scenario.hosts.as_ref().is_none_or(for_us),
            "{}",
            scenario.id
        );
        let mut run = Run {
            schedule: SecretSchedule::new(scenario.timing.over(SecretTiming::REMOTE)),
            waiting: BTreeMap::new(),
        };
        for (at, who, what, expected) in &scenario.steps {
            let times = who
                .strip_suffix(" more")
                .map_or(1, |times| times.parse().unwrap());
            for _ in 0..times {
                let found = run.play(*at, who, what);
                assert_eq!(&found, expected, "{}: at {at}, {who} {what}", scenario.id);
            }
        }
    }
}

/// What hosts without settings of their own use.
#[test]
fn files_are_read_at_mismatches_alone_and_without_a_pause() {
    let expected = SecretTiming::REMOTE
        .with_refresh(Duration::MAX)
        .with_patience(Duration::MAX)
        .with_overlap(Duration::from_secs(86_400))
        .with_pause(false);
    assert_eq!(SecretTiming::NEARBY, expected);
}
