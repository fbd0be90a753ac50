//! Asking the SMS API for the reports that did not come.
//!
//! What it answers has the form of the callbacks, so it is taken in as they are. Each body is written
//! anew in one form, whatever order and spacing it came in: the same report asked for twice has the
//! same content key.

use serde_json::{Map, Value};

use super::{
    addresses::{InvalidBase, SmsRegion, base_of},
    api::{ApiError, TIME_LIMIT},
    http::{HttpClient, HttpRequest, Method},
    url::segment,
};
use zeroize::Zeroizing;

/// The delivery reports of a service plan.
#[derive(Debug)]
pub struct SmsReports<C> {
    client: C,
    /// The service plan's address.
    plan: String,
    authorization: Zeroizing<String>,
}

/// A page of finished reports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportPage {
    /// The body of a report on one recipient each.
    pub reports: Vec<Vec<u8>>,
    /// How many reports all pages have.
    pub count: u64,
}

impl<C: HttpClient> SmsReports<C> {
    /// Reports on a page, which is the most that Sinch gives.
    pub const PAGE_SIZE: u64 = 100;

    /// Those of a plan, by its API token: in a region, or where a stand-in is.
    ///
    /// # Errors
    /// [`InvalidBase`].
    pub fn new(
        client: C,
        region: SmsRegion,
        base: Option<&str>,
        service_plan: &str,
        api_token: &str,
    ) -> Result<Self, InvalidBase> {
        let base = match base {
            Some(base) => base_of(base)?,
            None => format!("https://{}.sms.api.sinch.com", region.as_str()),
        };
        Ok(Self {
            client,
            plan: [&base, "/xms/v1/", &segment(service_plan)].concat(),
            authorization: Zeroizing::new(["Bearer ", api_token.trim()].concat()),
        })
    }

    /// The full report on a batch; `None` where Sinch knows none.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn batch(&self, batch: &str) -> Result<Option<Vec<u8>>, ApiError> {
        let path = ["/batches/", &segment(batch), "/delivery_report?type=full"].concat();
        self.report(&path).await
    }

    /// The report on one recipient of a batch; `None` where Sinch knows none.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn recipient(&self, batch: &str, number: &str) -> Result<Option<Vec<u8>>, ApiError> {
        let (batch, number) = (segment(batch), segment(number));
        let path = ["/batches/", &batch, "/delivery_report/", &number].concat();
        self.report(&path).await
    }

    /// A page of the finished reports since a moment, in RFC 3339; pages count from 0.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn finished(&self, since: &str, page: u64) -> Result<ReportPage, ApiError> {
        let path = format!(
            "/delivery_reports?start_date={}&page={page}&page_size={}",
            segment(since),
            Self::PAGE_SIZE
        );
        let value: Value =
            serde_json::from_slice(&self.get(&path).await?).map_err(|_| ApiError::Form)?;
        let reports = value.get("delivery_reports").and_then(Value::as_array);
        let count = value.get("count").and_then(Value::as_u64);
        let reports = reports.ok_or(ApiError::Form)?.iter().cloned().map(written);
        Ok(ReportPage {
            reports: reports.collect(),
            count: count.ok_or(ApiError::Form)?,
        })
    }

    async fn report(&self, path: &str) -> Result<Option<Vec<u8>>, ApiError> {
        let body = match self.get(path).await {
            Ok(body) => body,
            Err(ApiError::Status { status: 404, .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        let value: Value = serde_json::from_slice(&body).map_err(|_| ApiError::Form)?;
        Ok(Some(written(value)))
    }

    async fn get(&self, path: &str) -> Result<Vec<u8>, ApiError> {
        let request = HttpRequest {
            method: Method::Get,
            url: [&self.plan, path].concat(),
            authorization: self.authorization.clone(),
            content_type: None,
            body: Vec::new(),
            time_limit: TIME_LIMIT,
        };
        ApiError::body(self.client.exchange(request).await?)
    }
}

/// A report's body in the one form: fields by their name, lists by their items, no space between.
fn written(value: Value) -> Vec<u8> {
    // What was read can be written.
    serde_json::to_vec(&in_order(value)).unwrap_or_default()
}

fn in_order(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let mut fields: Vec<_> = fields.into_iter().collect();
            fields.sort_by(|(left, _), (right, _)| left.cmp(right));
            let fields = fields
                .into_iter()
                .map(|(name, value)| (name, in_order(value)));
            Value::Object(fields.collect::<Map<_, _>>())
        }
        Value::Array(items) => {
            let mut items: Vec<_> = items.into_iter().map(in_order).collect();
            items.sort_by_cached_key(ToString::to_string);
            Value::Array(items)
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sinch::{
        fake::{Fake, answered},
        http::ExchangeError,
    };

    fn reports(fake: &Fake) -> SmsReports<&Fake> {
        SmsReports::new(fake, SmsRegion::Ca, None, "plan", "token\n").unwrap()
    }

    #[tokio::test]
    async fn the_same_report_has_the_same_body_in_whatever_order_it_comes() {
        let one = r#"{"type":"delivery_report_sms","batch_id":"b","statuses":[
            {"code":402,"status":"Failed","count":1,"recipients":["3"]},
            {"status":"Delivered","code":0,"count":2,"recipients":["2","1"]}]}"#;
        let other = r#"{"batch_id":"b","statuses":[{"code":0,"count":2,"recipients":["1","2"],"status":"Delivered"},{"recipients":["3"],"code":402,"count":1,"status":"Failed"}],"type":"delivery_report_sms"}"#;
        let fake = Fake::of([answered(200, one), answered(200, other)]);
        let reports = reports(&fake);
        let first = reports.batch("b").await.unwrap().unwrap();
        assert_eq!(reports.batch("b").await.unwrap().unwrap(), first);
        assert_eq!(
            String::from_utf8(first).unwrap(),
            r#"{"batch_id":"b","statuses":[{"code":0,"count":2,"recipients":["1","2"],"status":"Delivered"},{"code":402,"count":1,"recipients":["3"],"status":"Failed"}],"type":"delivery_report_sms"}"#
        );
        let request = &fake.asked()[0];
        assert_eq!(
            request.url,
            "https://ca.sms.api.sinch.com/xms/v1/plan/batches/b/delivery_report?type=full"
        );
        assert_eq!(*request.authorization, "Bearer token");
    }

    #[tokio::test]
    async fn what_sinch_does_not_know_is_no_report_and_what_it_refuses_an_error() {
        let fake = Fake::of([
            answered(404, ""),
            answered(429, ""),
            answered(200, "<html>"),
            Err(ExchangeError::NeverLeft("down".into())),
        ]);
        let reports = reports(&fake);
        assert_eq!(reports.recipient("b", "+1/2").await, Ok(None));
        assert_eq!(
            fake.asked()[0].url,
            "https://ca.sms.api.sinch.com/xms/v1/plan/batches/b/delivery_report/%2B1%2F2"
        );
        let status = ApiError::Status {
            status: 429,
            words: String::new(),
        };
        assert_eq!(reports.batch("b").await, Err(status));
        assert_eq!(reports.batch("b").await, Err(ApiError::Form));
        let down = ExchangeError::NeverLeft("down".into());
        assert_eq!(reports.batch("b").await, Err(ApiError::Exchange(down)));
    }

    #[tokio::test]
    async fn finished_reports_come_in_pages() {
        let page = r#"{"count":101,"page":1,"page_size":100,"delivery_reports":[{"type":"recipient_delivery_report_sms","batch_id":"b"}]}"#;
        let fake = Fake::of([answered(200, page), answered(200, "{}")]);
        let reports = reports(&fake);
        let found = reports.finished("2026-01-02T03:04:05Z", 1).await.unwrap();
        assert_eq!(found.count, 101);
        assert_eq!(
            found.reports,
            [br#"{"batch_id":"b","type":"recipient_delivery_report_sms"}"#.to_vec()]
        );
        assert_eq!(
            fake.asked()[0].url,
            "https://ca.sms.api.sinch.com/xms/v1/plan/delivery_reports?start_date=2026-01-02T03%3A04%3A05Z&page=1&page_size=100"
        );
        assert_eq!(reports.finished("", 2).await, Err(ApiError::Form));
    }
}
