//! What a list shows, as a table for a spreadsheet.

use std::sync::Arc;

use axum::{
    Extension,
    body::{Body, Bytes},
    extract::{Query, State, rejection::QueryRejection},
    http::header,
    response::{IntoResponse, Response},
};
use futures_util::stream;
use sinch_callback_pipeline::MessageSummary;

use super::{api::ListQuery, gate::Asker, showing::Showing};
use crate::{
    answer,
    app::state::App,
    store::{
        error::StoreError,
        queries::{MessageFilter, MessagePage},
    },
};

/// Rows that are read at once.
const PAGE: u32 = 500;

const COLUMNS: &str = "message_id,state,channel,recipient,reason,remedy,permanence,description,\
    contradicted,metadata,correlation_id,client_reference,first_received_at,updated_at\r\n";

/// The messages that a filter lets through, to the last.
pub(crate) async fn messages(
    State(app): State<Arc<App>>,
    Extension(asker): Extension<Asker>,
    query: Result<Query<ListQuery>, QueryRejection>,
) -> Response {
    let query = match query {
        Ok(Query(query)) => query,
        Err(rejection) => {
            return answer::explained(400, "malformed_query", &rejection.body_text());
        }
    };
    let showing = query.page_showing();
    let filter = match query.filter(showing) {
        Ok(filter) => filter,
        Err(wrong) => return answer::explained(400, "malformed_query", &wrong),
    };
    if showing == Showing::Whole {
        tracing::info!(by = %asker, "the recipients of a table were shown");
    }
    let filter = MessageFilter {
        limit: PAGE,
        ..filter
    };
    // The first page is read before anything is answered, so that an error has its status.
    let first = match page(&app, filter.clone()).await {
        Ok(first) => first,
        Err(error) => return super::api::unreadable(&error),
    };
    let rows = stream::unfold(Some((Some(first), filter)), move |state| {
        let app = Arc::clone(&app);
        async move {
            let (read, filter) = state?;
            let read = match read {
                Some(read) => Ok(read),
                None => page(&app, filter.clone()).await,
            };
            match read {
                Ok((text, next)) => {
                    let next = next.map(|before| MessageFilter {
                        before: Some(before),
                        ..filter
                    });
                    Some((Ok(text), next.map(|filter| (None, filter))))
                }
                // The connection breaks, so that nobody takes a part for the whole.
                Err(error) => Some((Err(error), None)),
            }
        }
    });
    let head = stream::iter([Ok::<_, StoreError>(Bytes::from_static(COLUMNS.as_bytes()))]);
    let headers = [
        (
            header::CONTENT_TYPE,
            "text/csv; charset=utf-8; header=present",
        ),
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"messages.csv\"",
        ),
    ];
    let body = Body::from_stream(futures_util::StreamExt::chain(head, rows));
    (headers, body).into_response()
}

async fn page(app: &App, filter: MessageFilter) -> Result<(Bytes, Option<i64>), StoreError> {
    let page = app
        .store
        .ask(move |connection| MessagePage::list(connection, &filter))
        .await?;
    let rows: String = page.messages.iter().map(row).collect();
    Ok((rows.into(), page.next_before))
}

fn row(message: &MessageSummary) -> String {
    let reason = message.reason.as_ref();
    let text = |text: &str| cell(text);
    let cells = [
        text(&message.message_id),
        text(message.state.as_deref().unwrap_or_default()),
        text(&message.channel),
        text(&message.identity),
        text(reason.map_or("", |reason| &reason.code)),
        text(reason.map_or("", |reason| reason.remedy.as_str())),
        text(reason.map_or("", |reason| reason.permanence.as_str())),
        text(reason.map_or("", |reason| &reason.description)),
        message.contradicted.to_string(),
        text(&message.correlation.metadata),
        text(&message.correlation.correlation_id),
        text(&message.correlation.client_reference),
        message.first_received_at.to_string(),
        message.updated_at.to_string(),
    ];
    let mut row = cells.join(",");
    row.push_str("\r\n");
    row
}

/// A text as a cell. A spreadsheet takes a text for a formula by its first character, and what Sinch's
/// callbacks say may have been chosen by anybody: such a text gets an apostrophe in front.
fn cell(text: &str) -> String {
    let is_formula =
        text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    let sign = if is_formula { "'" } else { "" };
    let is_quoted = text.contains([',', '"', '\r', '\n', ';']) || is_formula;
    if is_quoted {
        format!("\"{sign}{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula_or_leaves_its_place() {
        for (text, written) in [
            ("plain", "plain"),
            ("", ""),
            ("a,b", "\"a,b\""),
            ("say \"hi\"", "\"say \"\"hi\"\"\""),
            ("two\r\nlines", "\"two\r\nlines\""),
            ("=1+1", "\"'=1+1\""),
            ("+49…78", "\"'+49…78\""),
            ("-1", "\"'-1\""),
            ("@SUM(A1)", "\"'@SUM(A1)\""),
            ("\t=1", "\"'\t=1\""),
            ("＝1", "\"'＝1\""),
            ("a=1", "a=1"),
        ] {
            assert_eq!(cell(text), written, "{text}");
        }
    }
}
