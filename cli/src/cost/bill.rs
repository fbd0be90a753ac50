//! What a month costs, by what stands in front of the receiver.

use serde::Serialize;

use super::prices::{Assumption, Assumptions, PriceList, Prices};

/// What comes in a month.
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct Month {
    /// Callbacks of Sinch's.
    pub(super) callbacks: f64,
    /// The same again: retries, and replays by a thief.
    pub(super) retries: f64,
    /// Messages that are watched.
    pub(super) watched: f64,
    /// Intents that are acted on; without any there is no recovery.
    pub(super) intents: f64,
    /// What Sinch has not signed.
    pub(super) forged: f64,
}

/// What stands in front of the receiver, each with what is before it.
pub(super) const LAYERS: [&str; 3] = ["no edge", "CloudFront and prefilter", "and Lambda@Edge"];

/// One kind of cost, for each of the layers.
#[derive(Debug, Serialize)]
pub(super) struct Row {
    pub(super) what: &'static str,
    pub(super) usd: [f64; 3],
}

#[derive(Debug, Serialize)]
pub(super) struct Bill {
    pub(super) rows: Vec<Row>,
    pub(super) total: [f64; 3],
}

/// Where a month's requests end.
#[derive(Clone, Copy, Debug)]
struct Flow {
    /// Requests that CloudFront takes.
    viewed: f64,
    /// Requests that Lambda@Edge verifies.
    verified: f64,
    /// Answers of the receiver that Lambda@Edge sees.
    confirmed: f64,
    /// Callbacks that the receiver takes.
    taken: f64,
    /// Requests that the receiver refuses.
    refused: f64,
    /// 1 where there is an edge, and where there is Lambda@Edge: for what costs the same however much
    /// comes.
    edge: f64,
    function: f64,
}

impl Flow {
    fn of_each_layer(month: Month, assumed: &Assumptions) -> [Self; 3] {
        let authentic = month.callbacks + month.retries;
        let all = authentic + month.forged;
        let formed = month.forged * (1.0 - share(assumed.shapeless_percent.value));
        let absorbed = month.retries * share(assumed.absorbed_percent.value);
        let no_edge = Self {
            viewed: 0.0,
            verified: 0.0,
            confirmed: 0.0,
            taken: authentic,
            refused: month.forged,
            edge: 0.0,
            function: 0.0,
        };
        let prefilter = Self {
            viewed: all,
            refused: formed,
            edge: 1.0,
            ..no_edge
        };
        let verified = Self {
            verified: authentic + formed,
            confirmed: authentic - absorbed,
            taken: authentic - absorbed,
            refused: 0.0,
            function: 1.0,
            ..prefilter
        };
        [no_edge, prefilter, verified]
    }

    /// What the receiver is asked.
    fn received(self) -> f64 {
        self.taken + self.refused
    }
}

impl Bill {
    pub(super) fn of(month: Month, list: &PriceList) -> Self {
        let flows = Flow::of_each_layer(month, &list.assumptions);
        let (prices, assumed) = (&list.prices, &list.assumptions);
        let rows: Vec<_> = KINDS
            .into_iter()
            .map(|(what, cost)| Row {
                what,
                usd: flows.map(|flow| cost(flow, month, prices, assumed)),
            })
            .collect();
        let total = rows.iter().fold([0.0; 3], |sum, row| add(sum, row.usd));
        Self { rows, total }
    }

    /// What a million forged callbacks cost more.
    pub(super) fn of_a_million_forged(month: Month, list: &PriceList) -> [f64; 3] {
        let more = Month {
            forged: month.forged + 1e6,
            ..month
        };
        let [before, after] = [month, more].map(|month| Self::of(month, list).total);
        add(after, before.map(|usd| -usd))
    }
}

fn add([a, b, c]: [f64; 3], [x, y, z]: [f64; 3]) -> [f64; 3] {
    [a + x, b + y, c + z]
}

fn share(percent: f64) -> f64 {
    percent / 100.0
}

/// AWS counts a GB in powers of ten or of two, by the service; the larger bill is the former.
fn gigabytes(bytes: f64) -> f64 {
    bytes / 1e9
}

fn gb_seconds(memory_gb: f64, ms: f64) -> f64 {
    memory_gb * ms / 1e3
}

type Cost = fn(Flow, Month, &Prices, &Assumptions) -> f64;

/// The recovery stack: what stands there, its look of each minute, and what each intent asks of everything.
fn recovery(month: Month, prices: &Prices, assumed: &Assumptions) -> f64 {
    if month.intents <= 0.0 {
        return 0.0;
    }
    let of = |each: &Assumption| month.intents * each.value;
    let looks = assumed.looks.value;
    let ms = of(&assumed.intent_ms) + looks * assumed.look_ms.value;
    // A second queue holds opt-outs.
    let requests = of(&assumed.intent_queue_requests) + 2.0 * assumed.empty_polls.value;
    let reads = of(&assumed.intent_read_units) + looks * assumed.look_read_units.value;
    let stored = gigabytes(of(&assumed.intent_stored_bytes) * assumed.stored_months.value);
    prices.lambda_requests.of(of(&assumed.intent_runs) + looks)
        + prices
            .lambda_duration
            .of(gb_seconds(assumed.processor_memory_gb.value, ms))
        + prices.sqs_standard.of(requests)
        + prices.dynamodb_writes.of(of(&assumed.intent_write_units))
        + prices.dynamodb_reads.of(reads)
        + prices.dynamodb_storage.of(stored)
        + prices.dynamodb_recovery.of(stored)
        + prices.metric_reads.of(of(&assumed.intent_metrics))
        + prices.events.of(of(&assumed.intent_events))
        + prices.logs.of(gigabytes(of(&assumed.intent_log_bytes)))
        + prices.metrics.of(assumed.recovery_metrics.value)
        + prices.alarms.of(assumed.recovery_alarms.value)
}

/// Each kind of cost, in the order of a callback's way.
const KINDS: [(&str, Cost); 16] = [
    ("CloudFront, requests", |flow, _, prices, _| {
        prices.cloudfront_requests.of(flow.viewed)
    }),
    ("CloudFront, transfer", |flow, _, prices, assumed| {
        let answers = gigabytes(flow.viewed * assumed.answer_bytes.value);
        let requests = gigabytes(flow.edge * flow.received() * assumed.request_bytes.value);
        prices.cloudfront_out.of(answers) + prices.cloudfront_to_origin.of(requests)
    }),
    ("CloudFront Functions", |flow, _, prices, _| {
        prices.cloudfront_functions.of(flow.viewed)
    }),
    ("Lambda@Edge", |flow, _, prices, assumed| {
        let ms = flow.verified * assumed.edge_request_ms.value
            + flow.confirmed * assumed.edge_response_ms.value;
        prices.edge_requests.of(flow.verified + flow.confirmed)
            + prices
                .edge_duration
                .of(gb_seconds(assumed.edge_memory_gb.value, ms))
    }),
    ("secrets (SSM)", |flow, _, prices, _| {
        // At most one read a request, were it not free.
        prices.ssm_parameters.of(flow.verified + flow.received())
    }),
    ("receiver", |flow, _, prices, assumed| {
        let ms = flow.taken * assumed.receiver_accept_ms.value
            + flow.refused * assumed.receiver_refuse_ms.value;
        prices.lambda_requests.of(flow.received())
            + prices
                .lambda_duration
                .of(gb_seconds(assumed.receiver_memory_gb.value, ms))
    }),
    ("SQS", |flow, _, prices, assumed| {
        // Sent one by one; taken and deleted by the batch.
        let batches = flow.taken / assumed.batch.value;
        let requests = flow.taken + 2.0 * batches + assumed.empty_polls.value;
        prices.sqs_requests.of(requests)
    }),
    ("processor", |flow, _, prices, assumed| {
        let batches = flow.taken / assumed.batch.value;
        let ms = batches * assumed.processor_batch_ms.value;
        prices.lambda_requests.of(batches)
            + prices
                .lambda_duration
                .of(gb_seconds(assumed.processor_memory_gb.value, ms))
    }),
    ("DynamoDB", |flow, month, prices, assumed| {
        // A repeat is written down as such, at about the same price; it leaves nothing new.
        let stored = month.callbacks * assumed.stored_bytes.value * assumed.stored_months.value;
        prices
            .dynamodb_writes
            .of(flow.taken * assumed.write_units.value)
            + prices
                .dynamodb_reads
                .of(flow.taken * assumed.read_units.value)
            + prices.dynamodb_storage.of(gigabytes(stored))
            + prices.dynamodb_recovery.of(gigabytes(stored))
    }),
    ("watch", |_, month, prices, assumed| {
        let looks = assumed.looks.value;
        let ms = looks * assumed.look_ms.value;
        // While nothing waits, nobody has to know how far has been heard.
        let asking = if month.watched > 0.0 { looks } else { 0.0 };
        prices.lambda_requests.of(looks)
            + prices
                .lambda_duration
                .of(gb_seconds(assumed.processor_memory_gb.value, ms))
            + prices
                .dynamodb_reads
                .of(looks * assumed.look_read_units.value)
            + prices.metric_reads.of(asking * assumed.look_metrics.value)
            + prices
                .dynamodb_writes
                .of(month.watched * assumed.watch_write_units.value)
    }),
    ("recovery", |_, month, prices, assumed| {
        recovery(month, prices, assumed)
    }),
    ("EventBridge", |_, month, prices, assumed| {
        // A repeat tells nobody.
        prices
            .events
            .of(month.callbacks * assumed.events_per_callback.value)
    }),
    ("logs", |flow, _, prices, assumed| {
        let bytes = flow.taken * assumed.log_accept_bytes.value
            + flow.refused * assumed.log_refuse_bytes.value
            + flow.taken / assumed.batch.value * assumed.log_batch_bytes.value
            + (flow.verified + flow.confirmed) * assumed.log_edge_bytes.value;
        let access = gigabytes(flow.viewed * assumed.access_log_bytes.value);
        prices.logs.of(gigabytes(bytes)) + prices.access_logs.of(access)
    }),
    ("traces", |flow, _, prices, assumed| {
        let traced = flow.received() + flow.taken / assumed.batch.value;
        prices
            .traces
            .of(traced * share(assumed.traced_percent.value))
    }),
    ("transfer to the internet", |flow, _, prices, assumed| {
        // To CloudFront it is free.
        let answers = (1.0 - flow.edge) * flow.received() * assumed.answer_bytes.value;
        prices.internet_out.of(gigabytes(answers))
    }),
    ("metrics, alarms, dashboards", |flow, _, prices, assumed| {
        prices
            .metrics
            .of(assumed.metrics.value + flow.function * assumed.edge_metrics.value)
            + prices
                .alarms
                .of(assumed.alarms.value + flow.edge * assumed.edge_alarms.value)
            + prices.dashboards.of(1.0 + flow.edge)
    }),
];

#[cfg(test)]
mod tests {
    use super::{Bill, Month, PriceList};

    const NOTHING: Month = Month {
        callbacks: 0.0,
        retries: 0.0,
        watched: 0.0,
        intents: 0.0,
        forged: 0.0,
    };

    fn list() -> PriceList {
        PriceList::of("eu-west-1").unwrap()
    }

    fn row(bill: &Bill, what: &str) -> [f64; 3] {
        let found = bill.rows.iter().find(|row| row.what == what);
        found.unwrap().usd
    }

    fn close(found: [f64; 3], expected: [f64; 3]) {
        for (found, expected) in found.into_iter().zip(expected) {
            assert!((found - expected).abs() < 1e-6, "{found}, not {expected}");
        }
    }

    #[test]
    fn without_a_request_there_is_only_what_stands_there() {
        let bill = Bill::of(NOTHING, &list());
        for row in &bill.rows {
            let fixed = ["SQS", "watch", "metrics, alarms, dashboards"].contains(&row.what);
            assert_eq!(row.usd.iter().any(|usd| *usd > 0.0), fixed, "{}", row.what);
        }
    }

    #[test]
    fn forgeries_cost_what_stands_in_their_way() {
        let mut list = list();
        list.assumptions.shapeless_percent.value = 75.0;
        let month = Month {
            forged: 4e6,
            ..NOTHING
        };
        let bill = Bill::of(month, &list);
        // By hand: 4 million at $0.0120 for 10,000; at $0.10 a million; a quarter gets on, at $0.60 a
        // million and 2 ms of 128 MB at $0.00005001 for each.
        close(row(&bill, "CloudFront, requests"), [0.0, 4.8, 4.8]);
        close(row(&bill, "CloudFront Functions"), [0.0, 0.4, 0.4]);
        close(row(&bill, "Lambda@Edge"), [0.0, 0.0, 0.6 + 0.012_502_5]);
        // $0.20 a million, and 2 ms of 256 MB at $0.0000133334 for each.
        let million = 0.2 + 0.006_666_7;
        close(row(&bill, "receiver"), [4.0 * million, million, 0.0]);
        close(row(&bill, "DynamoDB"), [0.0; 3]);
        close(row(&bill, "EventBridge"), [0.0; 3]);
    }

    #[test]
    fn a_callback_costs_the_same_behind_whatever_edge() {
        let month = Month {
            callbacks: 1e6,
            ..NOTHING
        };
        let bill = Bill::of(month, &list());
        // By hand: 1.48 units at $0.705 and at $0.1415 a million, 4.16 GB at $0.283 and $0.22.
        close(row(&bill, "DynamoDB"), [1.0434 + 0.209_42 + 2.092_48; 3]);
        close(row(&bill, "EventBridge"), [0.55; 3]);
    }

    #[test]
    fn a_watched_message_costs_two_writes_and_the_looks_their_metrics() {
        let month = Month {
            watched: 1e6,
            ..NOTHING
        };
        // By hand: 43,200 looks at $0.20 a million, of 50 ms of 256 MB at $0.0000133334 for each GB-second,
        // and nine reads at $0.1415 a million.
        let looks = 0.008_64 + 0.007_200_036 + 0.055_015_2;
        close(row(&Bill::of(NOTHING, &list()), "watch"), [looks; 3]);
        // Two units at $0.705 a million; four metrics at $0.01 for a thousand.
        let watched = looks + 1.41 + 1.728;
        close(row(&Bill::of(month, &list()), "watch"), [watched; 3]);
    }

    #[test]
    fn an_intent_costs_what_it_asks_and_recovery_what_stands_there() {
        let month = Month {
            intents: 1e6,
            ..NOTHING
        };
        close(row(&Bill::of(NOTHING, &list()), "recovery"), [0.0; 3]);
        // By hand, a million each: 30 units at $0.705 and 18 at $0.1415; 1,440 bytes for 13 months at $0.283
        // and $0.22 a GB; 3 runs at $0.20, of 600 ms of 256 MB at $0.0000133334 for each GB-second; 6 requests
        // at $0.40; 2 events at $1; 4 metrics at $0.01 for a thousand; 1,400 bytes at $0.57 a GB.
        let each = 21.15 + 2.547 + 9.416_16 + 0.6 + 2.000_01 + 2.4 + 2.0 + 40.0 + 0.798;
        // The looks of a month, as the watch's; 1,296,000 polls; 15 metrics at $0.30, 12 alarms at $0.10.
        let standing = 0.008_64 + 0.007_200_036 + 0.055_015_2 + 0.5184 + 4.5 + 1.2;
        close(
            row(&Bill::of(month, &list()), "recovery"),
            [each + standing; 3],
        );
    }

    #[test]
    fn what_the_edge_absorbs_does_not_reach_the_receiver() {
        let mut list = list();
        list.assumptions.absorbed_percent.value = 100.0;
        let month = Month {
            retries: 1e6,
            ..NOTHING
        };
        let [none, prefilter, edge] = row(&Bill::of(month, &list), "receiver");
        assert!(none > 0.2 && prefilter > 0.2, "{none} {prefilter}");
        assert!(edge.abs() < 1e-9, "{edge}");
    }

    #[test]
    fn the_total_is_the_sum_and_a_million_more_is_a_million_more() {
        let month = Month {
            callbacks: 1e6,
            retries: 1e5,
            watched: 3e5,
            intents: 2e5,
            forged: 5e6,
        };
        let bill = Bill::of(month, &list());
        for (layer, total) in bill.total.into_iter().enumerate() {
            let sum: f64 = bill.rows.iter().map(|row| row.usd[layer]).sum();
            assert!((sum - total).abs() < 1e-6);
        }
        let alone = Month {
            forged: 1e6,
            ..NOTHING
        };
        let list = list();
        close(
            Bill::of_a_million_forged(NOTHING, &list),
            Bill::of_a_million_forged(alone, &list),
        );
    }
}
