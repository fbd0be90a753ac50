use core::time::Duration;

use serde_json::Value;
use sinch_callback_pipeline::Deadline;

use super::reader::{Faults, Fields, read_text};
use crate::{
    channel::Channel,
    plan::{DoubleSend, Plan, Step, Until},
    plans::{BACKOFF, PlanName},
};

const DURATION: &str = "expected a duration such as PT10M, of weeks to seconds";

/// What a request says of its plan, before its channels are known.
pub(super) enum Asked {
    Named(PlanName),
    Own(Plan),
}

pub(super) fn read(value: Value, faults: &mut Faults) -> Option<Asked> {
    if let Value::Object(_) = value {
        return own(value, faults).map(Asked::Own);
    }
    let expected = || {
        let names = PlanName::NAMES.join(", ");
        format!("expected one of {names}, or an object with steps")
    };
    let Value::String(name) = value else {
        faults.add("plan", expected());
        return None;
    };
    if let Ok(name) = name.parse() {
        return Some(Asked::Named(name));
    }
    faults.add("plan", expected());
    None
}

fn own(value: Value, faults: &mut Faults) -> Option<Plan> {
    let mut fields = Fields::of("plan", value, faults)?;
    let steps = fields.require("steps", faults);
    let double = fields.text("double", faults, str::parse::<DoubleSend>);
    let within_wait = match fields.take("ttl_within_wait") {
        None => false,
        Some(Value::Bool(within)) => within,
        Some(_) => {
            faults.add("plan.ttl_within_wait", "expected true or false");
            false
        }
    };
    fields.end(&["steps", "double", "ttl_within_wait"], faults);
    let Value::Array(steps) = steps? else {
        faults.add("plan.steps", "expected a list");
        return None;
    };
    let found = faults.0.len();
    let steps: Vec<_> = (0..)
        .zip(steps)
        .filter_map(|(index, value)| step(index, value, faults))
        .collect();
    // What is wrong with a step is said; a range of another would be told of the wrong one.
    if faults.0.len() > found {
        return None;
    }
    match Plan::new(steps, double.unwrap_or(DoubleSend::Never)) {
        Ok(plan) if within_wait => Some(plan.with_ttl_within_wait()),
        Ok(plan) => Some(plan),
        Err(invalid) => {
            faults.add(invalid.field(), invalid);
            None
        }
    }
}

fn step(index: usize, value: Value, faults: &mut Faults) -> Option<Step> {
    let mut fields = Fields::of(&format!("plan.steps[{index}]"), value, faults)?;
    let channel = fields.require_text("channel", faults, str::parse::<Channel>);
    let wait = fields.require_text("wait", faults, duration);
    let until = fields.text("until", faults, str::parse::<Until>);
    let tries = match fields.take("tries") {
        None => Some(1),
        Some(value) => {
            let tries = value.as_u64().and_then(|tries| u32::try_from(tries).ok());
            if tries.is_none() {
                faults.add(fields.path("tries"), "expected a whole number");
            }
            tries
        }
    };
    let backoff = backoff(&mut fields, faults);
    fields.end(&["channel", "wait", "until", "tries", "backoff"], faults);
    Some(Step {
        channel: channel?,
        wait: wait?,
        until: until.unwrap_or(Until::Delivered),
        tries: tries?,
        backoff,
    })
}

fn backoff(fields: &mut Fields, faults: &mut Faults) -> Vec<Duration> {
    let path = fields.path("backoff");
    match fields.take("backoff") {
        None => BACKOFF.to_vec(),
        Some(Value::Array(delays)) => (0..)
            .zip(delays)
            .filter_map(|(index, delay): (usize, _)| {
                read_text(format!("{path}[{index}]"), &delay, faults, duration)
            })
            .collect(),
        Some(_) => {
            faults.add(path, "expected a list");
            Vec::new()
        }
    }
}

pub(super) fn duration(text: &str) -> Result<Duration, &'static str> {
    Deadline::duration(text).map_err(|_| DURATION)
}
