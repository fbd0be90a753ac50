//! The corpora, and mutations of them, through each target. Each has a process of its own: the
//! functions write metrics to standard output.

use std::process::Command;

fn replay(target: &str) {
    let output = Command::new(env!("CARGO_BIN_EXE_replay"))
        .arg(target)
        .args(["--failed-to", env!("CARGO_TARGET_TMPDIR")])
        .output()
        .unwrap();
    let lines = String::from_utf8_lossy(&output.stdout);
    let cause = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{lines}{cause}");
    assert!(lines.ends_with(" 20000 mutations, ok\n"), "{lines}");
}

#[test]
fn headers_are_judged_as_documented_in_any_order() {
    replay("headers");
}

#[test]
fn a_verdict_is_the_oracle_s_and_what_is_accepted_is_what_was_signed() {
    replay("verifier");
}

#[test]
fn no_complete_report_is_lost_and_none_is_made_up() {
    replay("classification");
}

#[test]
fn a_body_as_types_is_given_back_and_core_knows_the_same_callbacks() {
    replay("typed");
}

#[test]
fn an_envelope_reads_back_as_it_was_written() {
    replay("envelope");
}

#[test]
fn a_verdict_on_numbers_is_the_oracle_s() {
    replay("numbers");
}

#[test]
fn a_verdict_on_an_application_is_the_oracle_s() {
    replay("application");
}

#[test]
fn a_verdict_on_a_service_is_the_oracle_s() {
    replay("service");
}

#[test]
fn a_verdict_on_a_token_is_the_oracle_s() {
    replay("mailgun");
}

#[test]
fn a_verdict_on_engage_is_what_openssl_has_signed() {
    replay("engage");
}

#[test]
fn a_verdict_on_whatsapp_is_the_oracle_s() {
    replay("whatsapp_legacy");
}

#[cfg(feature = "aws")]
#[test]
fn every_event_of_a_function_url_gets_the_oracle_s_answer() {
    replay("function_url");
}

#[cfg(feature = "aws")]
#[test]
fn a_batch_s_answer_names_exactly_what_was_not_processed() {
    replay("sqs");
}
