//! `cost`: what a month on AWS costs, with and without each layer of the edge.

mod bill;
mod count;
mod prices;
mod print;

use clap::Args;
use serde::Serialize;

use self::{
    bill::{Bill, LAYERS, Month},
    count::Count,
    prices::{Assumption, Price, PriceList},
    print::Report,
};
use crate::{command_error::CommandError, output};

/// Estimate what a month on AWS costs, with and without each layer of the edge
#[derive(Args, Debug)]
#[command(after_help = "\
Prices, their sources and dates, and all that is assumed are in cli/prices.json, and printed.

Examples:
  sinch-callback cost --callbacks 10M
  sinch-callback cost --callbacks 10M --retries 200k --forged 50M --region us-east-1
  sinch-callback cost --callbacks 10M --watched 3M
  sinch-callback cost --callbacks 10M --intents 1M
  sinch-callback cost --callbacks 10M --forged 50M --shapeless-percent 0 --json")]
pub(crate) struct CostArgs {
    /// Callbacks that Sinch sends in a month, as 500000, 250k or 10M
    #[arg(long, value_name = "COUNT")]
    callbacks: Count,

    /// How many times one of them is sent once more: retries, and replays
    #[arg(long, value_name = "COUNT", default_value = "0")]
    retries: Count,

    /// Messages that are watched: submitted ones, and those that somebody asks about
    #[arg(long, value_name = "COUNT", default_value = "0")]
    watched: Count,

    /// Intents that recovery acts on, each with one attempt; their callbacks are among --callbacks
    #[arg(long, value_name = "COUNT", default_value = "0")]
    intents: Count,

    /// Requests that Sinch has not signed
    #[arg(long, value_name = "COUNT", default_value = "0")]
    forged: Count,

    /// How many of a hundred forged ones have not even the form of a callback
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(0..=100))]
    shapeless_percent: Option<u8>,

    /// AWS region of the receiver
    #[arg(long, value_name = "REGION", default_value = "eu-west-1")]
    region: String,

    /// Print a table for a page, in Markdown
    #[arg(long, conflicts_with = "json")]
    markdown: bool,

    /// Print all of it as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Json<'a> {
    region: &'a str,
    #[serde(flatten)]
    month: Month,
    layers: [&'static str; 3],
    #[serde(flatten)]
    bill: &'a Bill,
    million_forged: [f64; 3],
    prices: Vec<&'a Price>,
    assumptions: Vec<&'a Assumption>,
    not_counted: &'a [String],
}

pub(crate) fn run(args: &CostArgs) -> Result<(), CommandError> {
    let mut list = PriceList::of(&args.region)?;
    if let Some(percent) = args.shapeless_percent {
        list.assumptions.shapeless_percent.value = f64::from(percent);
    }
    let month = Month {
        callbacks: args.callbacks.get(),
        retries: args.retries.get(),
        watched: args.watched.get(),
        intents: args.intents.get(),
        forged: args.forged.get(),
    };
    let bill = Bill::of(month, &list);
    let million_forged = Bill::of_a_million_forged(month, &list);
    if args.json {
        output::json(&Json {
            region: &args.region,
            month,
            layers: LAYERS,
            bill: &bill,
            million_forged,
            prices: list.prices.all().collect(),
            assumptions: list.assumptions.all().collect(),
            not_counted: &list.not_counted,
        });
        return Ok(());
    }
    let report = Report {
        region: &args.region,
        month,
        list: &list,
        bill: &bill,
        million_forged,
    };
    if args.markdown {
        print::markdown(&report);
    } else {
        print::print(&report);
    }
    Ok(())
}
