//! The callbacks that Sinch's own SDK tests publish.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{
    receiver::Receiver,
    report::Report,
    shown::{self, emptied, states},
};
use crate::command_error::CommandError;

const VECTORS: &str = include_str!("published.json");

/// The messages that the authentic ones among them report on, and where those stand.
const DELIVERIES: [(&str, &str); 2] = [
    ("01EQBC1A3BEK731GY4YXEN0C2R", "queued"),
    ("01JHFFHQ0P99JPPNQPJDV7JTBP:33662162466", "delivered"),
];

#[derive(Deserialize)]
struct Vector {
    id: String,
    secrets: Vec<String>,
    #[serde(default)]
    options: Options,
    headers: Vec<(String, String)>,
    body: Body,
    now: String,
    expect: Expect,
}

#[derive(Default, Deserialize)]
struct Options {
    algorithm_header: Option<String>,
}

#[derive(Deserialize)]
struct Body {
    text: String,
}

#[derive(Deserialize)]
struct Expect {
    verdict: String,
    code: Option<String>,
    status: Option<u16>,
}

/// Sends each vector to a receiver that has its secret and whose clock stands at its time.
pub(super) async fn play(report: &mut Report) -> Result<(), CommandError> {
    report.section(
        "Callbacks published by Sinch's SDKs, to receivers with the clock at their time",
        ["callback", "must get", "got"],
    );
    let vectors: Vec<Vector> = serde_json::from_str(VECTORS)
        .map_err(|error| CommandError::failed("the published vectors cannot be read", error))?;
    let mut by_receiver: BTreeMap<_, Vec<Vector>> = BTreeMap::new();
    for vector in vectors {
        // The receiver's default is to accept callbacks that do not name their algorithm.
        if vector.options.algorithm_header.is_none() {
            let key = (vector.secrets.clone(), vector.now.clone());
            by_receiver.entry(key).or_default().push(vector);
        }
    }
    let mut deliveries = Vec::new();
    for ((secrets, now), vectors) in by_receiver {
        let folder = tempfile::tempdir()
            .map_err(|error| CommandError::failed("no temporary folder can be made", error))?;
        let clock = ["--clock-at".to_owned(), now.clone()];
        let receiver = Receiver::start(folder.path(), &secrets, &clock).await?;
        let mut client = receiver.client()?;
        for vector in vectors {
            let headers = vector
                .headers
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str()));
            let answer = client
                .post(headers, vector.body.text)
                .await
                .map_err(|error| CommandError::failed("the receiver did not answer", error))?;
            let code = shown::code(&answer);
            // A vector may be another's callback once more.
            let code = match code.as_str() {
                "duplicate" => "accepted",
                other => other,
            };
            let expect = &vector.expect;
            let expected = match expect.code.as_deref() {
                Some(code) => format!("{} {code}", expect.status.unwrap_or_default()),
                None => format!("200 {}", expect.verdict),
            };
            report.row(vector.id, 1, expected, format!("{} {code}", answer.status));
        }
        emptied(&receiver).await?;
        deliveries.extend(states(&receiver).await?);
        receiver.stop().await?;
    }
    report.section(
        "What has become of the published delivery reports",
        ["message", "must be", "is"],
    );
    let deliveries: BTreeMap<_, _> = deliveries.into_iter().collect();
    for (message_id, state) in DELIVERIES {
        let got = deliveries.get(message_id).map_or("missing", String::as_str);
        report.row(message_id, 1, state, got);
    }
    report.row(
        "messages in all",
        1,
        DELIVERIES.len().to_string(),
        deliveries.len().to_string(),
    );
    Ok(())
}
