//! What others send in Sinch's name.

use sinch_callback::HeaderName;
use sinch_callback_server::{client::Client, ids};

use super::{Day, outcomes::Outcomes};
use crate::{command_error::CommandError, demo::report::Report, signed::SignedCallback};

impl Day {
    /// What others send in Sinch's name.
    pub(super) async fn forgeries(
        &mut self,
        client: &mut Client,
        report: &mut Report,
    ) -> Result<(), CommandError> {
        let mut outcomes = Outcomes::default();
        for _ in 0..100 {
            let body = self.report_body("DELIVERED");
            outcomes.add(self.sign(body)?.forged().post(client).await)?;
        }
        outcomes.tell(report, "forged signature", "401 signature_mismatch");

        let mut altered = self.accepted_callback(client).await?;
        let failed = String::from_utf8_lossy(&altered.body).replace("DELIVERED", "FAILED");
        altered.body = failed.into();
        self.one(
            client,
            report,
            "captured, status altered",
            &altered,
            "401 signature_mismatch",
        )
        .await?;

        let shifted = shift_boundary(self.accepted_callback(client).await?);
        self.one(
            client,
            report,
            "captured, cut elsewhere to get a new nonce",
            &shifted,
            "400 malformed_header",
        )
        .await?;

        let renonced = self
            .accepted_callback(client)
            .await?
            .with_header(HeaderName::Nonce.as_str(), |_| ids::unique());
        self.one(
            client,
            report,
            "captured, under a nonce of their own",
            &renonced,
            "401 signature_mismatch",
        )
        .await
    }
}

/// Cuts the body at its last dot and puts the tail in front of the nonce: the signed string stays
/// the same, and so does its signature.
fn shift_boundary(mut callback: SignedCallback) -> SignedCallback {
    let Some(dot) = callback.body.iter().rposition(|byte| *byte == b'.') else {
        return callback;
    };
    let tail = callback.body.split_off(dot);
    let tail = String::from_utf8_lossy(&tail)
        .trim_start_matches('.')
        .to_owned();
    callback.with_header(HeaderName::Nonce.as_str(), |nonce| {
        format!("{tail}.{nonce}")
    })
}
