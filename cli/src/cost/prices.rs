//! The price list: one data file, with the source and the date of each price and all that is assumed.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::command_error::CommandError;

const FILE: &str = include_str!("../../prices.json");
/// Stands for all regions in the file.
const EVERYWHERE: &str = "everywhere";

/// What AWS takes for one kind of thing in one region.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Price {
    pub(super) what: String,
    /// So many units are what the price is for.
    pub(super) per: f64,
    pub(super) unit: String,
    pub(super) usd: f64,
    pub(super) source: String,
    pub(super) date: String,
}

impl Price {
    /// What so many units cost.
    pub(super) fn of(&self, units: f64) -> f64 {
        units / self.per * self.usd
    }
}

/// What no price list says, and a bill depends on.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Assumption {
    pub(super) what: String,
    pub(super) value: f64,
    pub(super) unit: String,
}

/// A struct whose fields are all of one type, with a way to go through them.
macro_rules! fields {
    ($name:ident of $entry:ident: $($field:ident),+ $(,)?) => {
        #[derive(Debug, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub(super) struct $name {
            $(pub(super) $field: $entry),+
        }

        impl $name {
            pub(super) fn all(&self) -> impl Iterator<Item = &$entry> {
                [$(&self.$field),+].into_iter()
            }
        }
    };
}

fields!(Prices of Price:
    cloudfront_requests, cloudfront_out, cloudfront_to_origin, cloudfront_functions,
    edge_requests, edge_duration,
    lambda_requests, lambda_duration,
    sqs_requests, sqs_standard,
    dynamodb_writes, dynamodb_reads, dynamodb_storage, dynamodb_recovery,
    events, ssm_parameters,
    logs, traces, metrics, alarms, metric_reads, dashboards, access_logs,
    internet_out,
);

fields!(Assumptions of Assumption:
    shapeless_percent, absorbed_percent,
    request_bytes, answer_bytes,
    edge_memory_gb, edge_request_ms, edge_response_ms,
    receiver_memory_gb, receiver_accept_ms, receiver_refuse_ms,
    processor_memory_gb, processor_batch_ms, batch, empty_polls,
    write_units, read_units,
    watch_write_units, looks, look_ms, look_read_units, look_metrics,
    intent_write_units, intent_read_units, intent_runs, intent_ms, intent_queue_requests, intent_metrics,
    intent_events, intent_log_bytes, intent_stored_bytes,
    stored_bytes, stored_months, events_per_callback,
    log_accept_bytes, log_refuse_bytes, log_batch_bytes, log_edge_bytes, access_log_bytes,
    traced_percent,
    metrics, alarms, recovery_metrics, recovery_alarms, edge_metrics, edge_alarms,
);

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PriceList {
    pub(super) regions: Vec<String>,
    pub(super) prices: Prices,
    pub(super) assumptions: Assumptions,
    pub(super) not_counted: Vec<String>,
}

impl PriceList {
    /// The prices of a region.
    ///
    /// # Errors
    ///
    /// Misuse, where the list has none.
    pub(super) fn of(region: &str) -> Result<Self, CommandError> {
        let mut file: Value = serde_json::from_str(FILE).map_err(unreadable)?;
        for price in prices_of(&mut file) {
            if let Some(usd) = price.get_mut("usd") {
                let found = usd.get(region).or_else(|| usd.get(EVERYWHERE));
                *usd = found.cloned().unwrap_or(Value::Null);
            }
        }
        let regions = Vec::deserialize(file.get("regions").unwrap_or(&Value::Null));
        let regions: Vec<String> = regions.map_err(unreadable)?;
        if !regions.iter().any(|known| known == region) {
            return Err(CommandError::Misuse(format!(
                "there are no prices of {region}; --region takes {}",
                regions.join(", ")
            )));
        }
        serde_json::from_value(file).map_err(unreadable)
    }

    /// The day on which the oldest price was looked up.
    pub(super) fn oldest(&self) -> &str {
        let dates = self.prices.all().map(|price| price.date.as_str());
        dates.min().unwrap_or_default()
    }
}

/// Each price of the file, which has the dollars of all regions.
fn prices_of(file: &mut Value) -> impl Iterator<Item = &mut Value> {
    let prices = file.get_mut("prices").and_then(Value::as_object_mut);
    prices.into_iter().flat_map(Map::values_mut)
}

fn unreadable(error: serde_json::Error) -> CommandError {
    CommandError::failed("prices.json cannot be read", error)
}

#[cfg(test)]
mod tests {
    use super::PriceList;

    #[test]
    fn every_region_of_the_list_has_every_price() {
        let regions = PriceList::of("eu-west-1").unwrap().regions;
        assert!(regions.len() >= 3);
        for region in &regions {
            PriceList::of(region).unwrap();
        }
    }

    #[test]
    fn every_price_has_a_source_and_a_date_and_is_not_negative() {
        let list = PriceList::of("eu-west-1").unwrap();
        for price in list.prices.all() {
            assert!(!price.source.is_empty(), "{}", price.what);
            assert_eq!(price.date.len(), "2026-11-24".len(), "{}", price.what);
            assert!(price.usd >= 0.0 && price.per > 0.0, "{}", price.what);
        }
    }

    #[test]
    fn a_price_is_that_of_so_many_units() {
        let list = PriceList::of("eu-west-1").unwrap();
        // $0.0120 for 10,000 requests.
        assert!((list.prices.cloudfront_requests.of(1e6) - 1.2).abs() < 1e-9);
    }
}
