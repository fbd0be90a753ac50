//! `cost`: what it prints of a month, and what it refuses.

use crate::harness::{binary, said};

fn cost(arguments: &[&str]) -> (i32, String, String) {
    said(&binary().arg("cost").args(arguments).output().unwrap())
}

fn json(arguments: &[&str]) -> serde_json::Value {
    let (code, out, errors) = cost(&[arguments, &["--json"]].concat());
    assert_eq!(code, 0, "{errors}");
    serde_json::from_str(&out).unwrap()
}

fn row(bill: &serde_json::Value, what: &str) -> [f64; 3] {
    let rows = bill["rows"].as_array().unwrap();
    let found = rows.iter().find(|row| row["what"] == what).unwrap();
    serde_json::from_value(found["usd"].clone()).unwrap()
}

#[test]
fn a_month_is_estimated_for_each_layer_and_adds_up() {
    let bill = json(&["--callbacks", "10M", "--forged", "50M"]);
    assert_eq!(bill["region"], "eu-west-1");
    assert_eq!(bill["layers"].as_array().unwrap().len(), 3);
    // 60 million requests by HTTPS at $0.0120 for 10,000.
    let [none, prefilter, edge] = row(&bill, "CloudFront, requests");
    assert_eq!(none, 0.0);
    assert!((prefilter - 72.0).abs() < 1e-6 && (edge - 72.0).abs() < 1e-6);
    for (layer, total) in bill["total"].as_array().unwrap().iter().enumerate() {
        let rows = bill["rows"].as_array().unwrap().iter();
        let sum: f64 = rows.map(|row| row["usd"][layer].as_f64().unwrap()).sum();
        assert!((sum - total.as_f64().unwrap()).abs() < 1e-6);
    }
}

#[test]
fn what_the_prefilter_sees_does_not_come_to_the_function_behind_it() {
    let forged = |percent| {
        json(&[
            "--callbacks",
            "0",
            "--forged",
            "1M",
            "--shapeless-percent",
            percent,
        ])
    };
    assert_eq!(row(&forged("100"), "Lambda@Edge"), [0.0; 3]);
    assert_eq!(row(&forged("100"), "receiver")[1], 0.0);
    assert!(row(&forged("0"), "Lambda@Edge")[2] > 0.6);
    assert_eq!(row(&forged("0"), "receiver")[2], 0.0);
}

#[test]
fn a_region_has_its_own_prices() {
    let of = |region| {
        row(
            &json(&["--callbacks", "1M", "--region", region]),
            "DynamoDB",
        )[0]
    };
    assert!(of("us-east-1") < of("eu-west-1") && of("eu-west-1") < of("eu-central-1"));
}

#[test]
fn a_person_is_told_prices_with_source_and_date_and_all_that_is_assumed() {
    let arguments = ["--callbacks", "10M", "--retries", "250k"];
    let (code, out, errors) = cost(&arguments);
    assert_eq!(code, 0, "{errors}");
    let bill = json(&arguments);
    for part in [
        "10M callbacks, 250k retries",
        "total",
        "Not counted",
        "a million forged more",
    ] {
        assert!(out.contains(part), "{part} in {out}");
    }
    for price in bill["prices"].as_array().unwrap() {
        for key in ["what", "date", "source"] {
            assert!(out.contains(price[key].as_str().unwrap()), "{price}");
        }
    }
    for assumption in bill["assumptions"].as_array().unwrap() {
        assert!(
            out.contains(assumption["what"].as_str().unwrap()),
            "{assumption}"
        );
    }
}

#[test]
fn the_table_of_a_page_has_the_same_numbers() {
    let arguments = ["--callbacks", "10M", "--forged", "50M"];
    let (code, out, _) = cost(&[&arguments[..], &["--markdown"]].concat());
    assert_eq!(code, 0);
    let bill = json(&arguments);
    let total: Vec<_> = bill["total"]
        .as_array()
        .unwrap()
        .iter()
        .map(|usd| format!("**{:.2}**", usd.as_f64().unwrap()))
        .collect();
    let line = format!("| **total** | {} |", total.join(" | "));
    assert!(out.lines().any(|found| found == line), "{line} in {out}");
    // A table and one sentence; each row has four cells.
    let (table, rest): (Vec<_>, Vec<_>) = out.lines().partition(|line| line.starts_with('|'));
    assert!(
        table.iter().all(|line| line.matches('|').count() == 5),
        "{out}"
    );
    assert!(
        rest.last().unwrap().starts_with("eu-west-1: 10M callbacks"),
        "{out}"
    );
}

#[test]
fn what_cannot_be_estimated_is_misuse_and_says_what_can() {
    for (arguments, hint) in [
        (&["--callbacks", "many"][..], "10M"),
        (&["--callbacks", "-1"], "--callbacks"),
        (&[], "--callbacks"),
        (&["--callbacks", "1M", "--region", "mars-1"], "eu-west-1"),
        (
            &["--callbacks", "1M", "--shapeless-percent", "101"],
            "0..=100",
        ),
        (&["--callbacks", "1M", "--json", "--markdown"], "--markdown"),
    ] {
        let (code, _, errors) = cost(arguments);
        assert_eq!(code, 2, "{arguments:?}: {errors}");
        assert!(errors.contains(hint), "{arguments:?}: {errors}");
    }
}
