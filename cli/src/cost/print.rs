//! The bill for a person, and as a table for a page.

use super::{
    bill::{Bill, LAYERS, Month},
    prices::PriceList,
};
use crate::output;

/// All that the estimate is made from.
pub(super) struct Report<'a> {
    pub(super) region: &'a str,
    pub(super) month: Month,
    pub(super) list: &'a PriceList,
    pub(super) bill: &'a Bill,
    pub(super) million_forged: [f64; 3],
}

const MILLION_FORGED: &str = "a million forged more";

pub(super) fn print(report: &Report<'_>) {
    output::line(&heading(report));
    output::line("");
    let [first, second, third] = LAYERS;
    output::line(&format!(
        "{:28} {first:>12} {second:>24} {third:>16}",
        "a month, in US dollars"
    ));
    for row in &report.bill.rows {
        amounts(row.what, row.usd);
    }
    amounts("total", report.bill.total);
    amounts(MILLION_FORGED, report.million_forged);

    output::line("");
    output::line(
        "With the prefilter alone the receiver's URL has to be public: CloudFront cannot sign a body \
         that nobody has hashed, and whoever finds the URL goes past the prefilter.",
    );
    prices(report.list);
    assumptions(report.list);
}

fn amounts(what: &str, [first, second, third]: [f64; 3]) {
    output::line(&format!(
        "{what:28} {first:12.2} {second:24.2} {third:16.2}"
    ));
}

fn prices(list: &PriceList) {
    output::line("");
    output::line(&format!(
        "Prices; there are those of {}",
        list.regions.join(", ")
    ));
    for price in list.prices.all() {
        output::line(&format!(
            "  {:42} ${} for {} {}, {}: {}",
            price.what, price.usd, price.per, price.unit, price.date, price.source
        ));
    }
}

fn assumptions(list: &PriceList) {
    output::line("");
    output::line("Assumed, in cli/prices.json; change there what you know better");
    for assumption in list.assumptions.all() {
        output::line(&format!(
            "  {:>8} {:9} {}",
            assumption.value, assumption.unit, assumption.what
        ));
    }
    output::line("");
    output::line("Not counted");
    for what in &list.not_counted {
        output::line(&format!("  {what}"));
    }
}

pub(super) fn markdown(report: &Report<'_>) {
    let [first, second, third] = LAYERS;
    output::line(&format!(
        "| a month, in US dollars | {first} | {second} | {third} |"
    ));
    output::line("|---|---:|---:|---:|");
    for row in &report.bill.rows {
        // What is free, or too little to be seen, has no row.
        if row.usd.iter().any(|usd| *usd >= 0.005) {
            let [first, second, third] = row.usd;
            output::line(&format!(
                "| {} | {first:.2} | {second:.2} | {third:.2} |",
                row.what
            ));
        }
    }
    for (what, [first, second, third]) in [
        ("total", report.bill.total),
        (MILLION_FORGED, report.million_forged),
    ] {
        output::line(&format!(
            "| **{what}** | **{first:.2}** | **{second:.2}** | **{third:.2}** |"
        ));
    }
    output::line("");
    output::line(&format!("{}.", heading(report)));
}

fn heading(report: &Report<'_>) -> String {
    let Report {
        region,
        month,
        list,
        ..
    } = report;
    format!(
        "{region}: {} callbacks, {} retries and replays, {} messages watched, {} intents, {} forged, of which {} % \
         have no form; prices of {} or later",
        short(month.callbacks),
        short(month.retries),
        short(month.watched),
        short(month.intents),
        short(month.forged),
        list.assumptions.shapeless_percent.value,
        list.oldest(),
    )
}

/// A count as it is typed: 10M.
fn short(count: f64) -> String {
    for (suffix, factor) in [("G", 1e9), ("M", 1e6), ("k", 1e3)] {
        if count >= factor {
            return format!("{}{suffix}", count / factor);
        }
    }
    count.to_string()
}

#[cfg(test)]
mod tests {
    use super::short;

    #[test]
    fn counts_are_written_as_they_are_typed() {
        for (count, text) in [
            (0.0, "0"),
            (999.0, "999"),
            (250_000.0, "250k"),
            (2_500_000.0, "2.5M"),
            (1e12, "1000G"),
        ] {
            assert_eq!(short(count), text);
        }
    }
}
