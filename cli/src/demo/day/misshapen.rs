//! What is no callback at all.

use hyper::Method;
use sinch_callback::{HeaderName, limits};
use sinch_callback_server::client::Client;

use super::{Day, outcomes::Outcomes};
use crate::{command_error::CommandError, demo::report::Report};

impl Day {
    /// What is no callback at all.
    pub(super) async fn misshapen(
        &mut self,
        client: &mut Client,
        report: &mut Report,
    ) -> Result<(), CommandError> {
        let callback = self.accepted_callback(client).await?;
        for name in [
            HeaderName::Signature,
            HeaderName::Timestamp,
            HeaderName::Nonce,
        ] {
            let missing = callback.clone().without_header(name.as_str());
            self.one(
                client,
                report,
                format!("without {name}"),
                &missing,
                "400 missing_header",
            )
            .await?;
        }
        let mut twice = callback.clone();
        twice.headers.extend(callback.headers.clone());
        self.one(
            client,
            report,
            "each header twice",
            &twice,
            "400 repeated_header",
        )
        .await?;
        let other = callback
            .clone()
            .with_header(HeaderName::Algorithm.as_str(), |_| "HmacMD5".into());
        self.one(
            client,
            report,
            "algorithm HmacMD5",
            &other,
            "400 unsupported_algorithm",
        )
        .await?;
        let oversize = self.sign("x".repeat(limits::SERVE_MAX_BODY_BYTES.saturating_add(1)))?;
        self.one(
            client,
            report,
            "a byte more than is taken",
            &oversize,
            "413 body_too_large",
        )
        .await?;

        for (what, method, path, expected) in [
            (
                "GET instead of POST",
                Method::GET,
                "/callbacks",
                "405 method_not_allowed",
            ),
            ("another path", Method::POST, "/sinch", "404 unknown_path"),
        ] {
            let mut outcomes = Outcomes::default();
            outcomes.add(client.request(method, path, [], "").await)?;
            outcomes.tell(report, what, expected);
        }
        Ok(())
    }
}
