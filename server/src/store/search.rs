//! Messages found by the beginning of what a person knows of them.

use rusqlite::{Connection, Row, named_params};
use sinch_callback::normalized_identity;
use sinch_callback_pipeline::MessageSummary;

use super::messages;

sinch_callback::named! {
    /// What a message is found by.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(crate) enum SearchBy {
        /// Its id.
        Message = "message",
        /// The id of the SMS batch that it is of.
        Batch = "batch",
        /// The correlation id or the metadata of the send.
        Correlation = "correlation",
        /// Whom it went to, on any of its channels.
        Recipient = "recipient",
        /// The client reference of an SMS batch.
        Reference = "reference",
    }
}

impl SearchBy {
    /// How a text is found at all, each by an index: first what it is as a whole, the newest first, then
    /// what it begins, in its order. `:text` and `:end` are what the range begins and ends with.
    const fn queries(self) -> &'static [&'static str] {
        match self {
            Self::Message => &[
                "SELECT seq, aggregate FROM messages WHERE message_id >= :text AND message_id < :end \
                 ORDER BY message_id LIMIT :limit",
            ],
            Self::Batch => &[
                "SELECT seq, aggregate FROM messages INDEXED BY message_batch \
                 WHERE instr(message_id, ':') > 0 AND message_id >= :text AND message_id < :end \
                 ORDER BY message_id LIMIT :limit",
            ],
            Self::Correlation => &[
                "SELECT seq, aggregate FROM messages WHERE correlation_id <> '' \
                 AND correlation_id = :text AND :end <> '' ORDER BY seq DESC LIMIT :limit",
                "SELECT seq, aggregate FROM messages WHERE metadata <> '' \
                 AND metadata = :text AND :end <> '' ORDER BY seq DESC LIMIT :limit",
                "SELECT seq, aggregate FROM messages WHERE correlation_id <> '' \
                 AND correlation_id > :text AND correlation_id < :end ORDER BY correlation_id LIMIT :limit",
                "SELECT seq, aggregate FROM messages WHERE metadata <> '' \
                 AND metadata > :text AND metadata < :end ORDER BY metadata LIMIT :limit",
            ],
            Self::Recipient => &[
                "SELECT seq, aggregate FROM recipients JOIN messages ON seq = message \
                 WHERE identity = :text AND :end <> '' ORDER BY message DESC LIMIT :limit",
                "SELECT seq, aggregate FROM recipients JOIN messages ON seq = message \
                 WHERE identity > :text AND identity < :end ORDER BY identity LIMIT :limit",
            ],
            Self::Reference => &[
                "SELECT seq, aggregate FROM messages WHERE client_reference <> '' \
                 AND client_reference = :text AND :end <> '' ORDER BY seq DESC LIMIT :limit",
                "SELECT seq, aggregate FROM messages WHERE client_reference <> '' \
                 AND client_reference > :text AND client_reference < :end \
                 ORDER BY client_reference LIMIT :limit",
            ],
        }
    }
}

/// What is looked for.
#[derive(Clone, Debug)]
pub(crate) struct Search {
    /// How it begins.
    pub(crate) text: String,
    /// In which field; in all where none is named.
    pub(crate) by: Option<SearchBy>,
    /// Most messages.
    pub(crate) limit: u32,
}

/// A message that was found.
#[derive(Debug)]
pub(crate) struct Match {
    pub(crate) seq: i64,
    pub(crate) message: MessageSummary,
    /// By which of its fields.
    pub(crate) matched: SearchBy,
}

impl Search {
    /// The messages, and whether there are more.
    pub(crate) fn run(&self, connection: &Connection) -> rusqlite::Result<(Vec<Match>, bool)> {
        let text = self.text.trim();
        let mut found: Vec<Match> = Vec::new();
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        if text.is_empty() {
            return Ok((found, false));
        }
        let every = [
            SearchBy::Message,
            SearchBy::Correlation,
            SearchBy::Reference,
            SearchBy::Recipient,
        ];
        let fields = self.by.as_ref().map_or(&every[..], core::slice::from_ref);
        for by in fields {
            let text = match by {
                SearchBy::Recipient => normalized_identity(text),
                _ => text.to_owned(),
            };
            for query in by.queries() {
                let mut select = connection.prepare_cached(query)?;
                let rows = select.query_map(
                    named_params! {
                        ":text": text,
                        // No character comes behind this one.
                        ":end": format!("{text}\u{10ffff}"),
                        ":limit": self.limit.saturating_add(1),
                    },
                    row,
                )?;
                for row in rows {
                    let (seq, message) = row?;
                    if found.iter().any(|known| known.seq == seq) {
                        continue;
                    }
                    if found.len() >= limit {
                        return Ok((found, true));
                    }
                    let matched = matched(*by, &message, &text);
                    found.push(Match {
                        seq,
                        message,
                        matched,
                    });
                }
            }
        }
        Ok((found, false))
    }
}

fn row(row: &Row<'_>) -> rusqlite::Result<(i64, MessageSummary)> {
    Ok((row.get("seq")?, messages::read(row)?.summary()))
}

/// An id that is begun no further than its batch is one of many.
fn matched(by: SearchBy, message: &MessageSummary, text: &str) -> SearchBy {
    match (by, message.message_id.split_once(':')) {
        (SearchBy::Message, Some((batch, _))) if batch.starts_with(text) => SearchBy::Batch,
        _ => by,
    }
}

#[cfg(test)]
mod tests {
    use sinch_callback::{ContentKey, DeliveryReport, DeliveryStatus, ReportSubject, UnixSeconds};
    use sinch_callback_pipeline::messages::Message;

    use super::*;
    use crate::store::{open::Store, queries};

    fn message(id: &str, subject: ReportSubject, to: &[&str], texts: [&str; 3]) -> Message {
        let mut message = Message::new(id, subject, UnixSeconds::new(1));
        for (leg, identity) in to.iter().enumerate() {
            let mut report = DeliveryReport::new(id, DeliveryStatus::Delivered);
            report.channel = format!("CHANNEL {leg}");
            report.identity = (*identity).into();
            [
                report.correlation.metadata,
                report.correlation.correlation_id,
                report.correlation.client_reference,
            ] = texts.map(str::to_owned);
            let key = ContentKey::of_body(identity.as_bytes());
            let _ = message.delivery.apply(&report, key, 0, UnixSeconds::new(1));
        }
        message
    }

    async fn filled(folder: &std::path::Path) -> (Store, Connection) {
        let store = Store::open(folder).unwrap();
        let of_batch = ReportSubject::SmsRecipient;
        for message in [
            message(
                "01A",
                ReportSubject::Message,
                &["+49 151 1234567"],
                ["shop", "order-1", ""],
            ),
            message(
                "01B",
                ReportSubject::Message,
                &["4915112345", "ada@Mail.example"],
                ["", "order-12", ""],
            ),
            message("02:491512", of_batch, &["491512"], ["", "", "camp-1"]),
            message("02:491513", of_batch, &["491513"], ["", "", "camp-1"]),
            message(
                "03",
                ReportSubject::Message,
                &["12025550147"],
                ["order", "", ""],
            ),
        ] {
            let change = move |_: Option<Message>| {
                let mut change = Message::end_overdue(None, &[]);
                change.write = Some(message.clone());
                change
            };
            let id = change(None).write.unwrap().message_id;
            let _ = sinch_callback_pipeline::messages::Messages::update(&store, &id, change)
                .await
                .unwrap();
        }
        let connection = Connection::open(folder.join(crate::store::DATABASE)).unwrap();
        (store, connection)
    }

    #[tokio::test]
    async fn a_message_is_found_by_how_each_of_its_texts_begins() {
        let folder = tempfile::tempdir().unwrap();
        let (store, connection) = filled(folder.path()).await;
        let found = |text: &str, by: Option<SearchBy>, limit| {
            let search = Search {
                text: text.into(),
                by,
                limit,
            };
            let (found, more) = search.run(&connection).unwrap();
            let found = found
                .into_iter()
                .map(|it| format!("{} {}", it.message.message_id, it.matched));
            (found.collect::<Vec<_>>(), more)
        };
        for (text, by, expected) in [
            ("01", None, &["01A message", "01B message"][..]),
            ("01A", None, &["01A message"]),
            (" 02", None, &["02:491512 batch", "02:491513 batch"]),
            ("02:491513", None, &["02:491513 message"]),
            (
                "0",
                Some(SearchBy::Batch),
                &["02:491512 batch", "02:491513 batch"],
            ),
            ("order-1", None, &["01A correlation", "01B correlation"]),
            (
                "order",
                None,
                &["03 correlation", "01A correlation", "01B correlation"],
            ),
            ("shop", Some(SearchBy::Correlation), &["01A correlation"]),
            (
                "camp",
                None,
                &["02:491512 reference", "02:491513 reference"],
            ),
            // What it is as a whole comes first, the newest first.
            (
                "camp-1",
                None,
                &["02:491513 reference", "02:491512 reference"],
            ),
            ("+49 151 123", None, &["01B recipient", "01A recipient"]),
            ("4915112345", None, &["01B recipient", "01A recipient"]),
            ("ADA@mail", None, &["01B recipient"]),
            ("order-1", Some(SearchBy::Recipient), &[]),
            ("01", Some(SearchBy::Reference), &[]),
            ("", None, &[]),
            ("%", None, &[]),
        ] {
            assert_eq!(
                found(text, by, 9),
                (expected.iter().map(|it| (*it).to_owned()).collect(), false),
                "{text}"
            );
        }
        assert_eq!(found("01", None, 1), (vec!["01A message".into()], true));
        store.close().await.unwrap();
    }

    #[tokio::test]
    async fn what_stands_for_a_recipient_finds_the_message_and_does_not_name_it() {
        let folder = tempfile::tempdir().unwrap();
        let (store, connection) = filled(folder.path()).await;
        let (seq, found) = queries::find(&connection, "02:491512").unwrap().unwrap();
        let shown = queries::masked(seq, found.summary());
        assert!(!format!("{shown:?}").contains("491512"), "{shown:?}");
        let (again, _) = queries::find(&connection, &shown.message_id)
            .unwrap()
            .unwrap();
        assert_eq!(again, seq);
        // Not with another batch, and not by a row alone.
        for id in [
            format!("03:~{seq}"),
            format!(":~{seq}"),
            "02:~999".into(),
            "02:~x".into(),
        ] {
            assert!(queries::find(&connection, &id).unwrap().is_none(), "{id}");
        }
        assert_eq!(queries::masked_id(1, "message", "a:b"), "a:b");
        store.close().await.unwrap();
    }

    /// How SQLite means to answer.
    fn plan(connection: &Connection, query: &str) -> String {
        let mut select = connection
            .prepare(&format!("EXPLAIN QUERY PLAN {query}"))
            .unwrap();
        let values = vec![rusqlite::types::Null; select.parameter_count()];
        let rows = select.query_map(rusqlite::params_from_iter(values), |row| {
            row.get::<_, String>(3)
        });
        rows.unwrap()
            .map(Result::unwrap)
            .collect::<Vec<_>>()
            .join("; ")
    }

    #[tokio::test]
    async fn every_search_is_a_range_of_an_index() {
        let folder = tempfile::tempdir().unwrap();
        let (store, connection) = filled(folder.path()).await;
        for by in SearchBy::ALL {
            for query in by.queries() {
                let plan = plan(&connection, query);
                assert!(plan.contains("SEARCH"), "{by}: {plan}");
                for word in ["SCAN", "TEMP B-TREE", "AUTOMATIC"] {
                    assert!(!plan.contains(word), "{by}: {plan}");
                }
            }
        }
        // A plan that reads all is told from those.
        assert!(
            plan(&connection, "SELECT seq FROM messages WHERE aggregate = ?1").contains("SCAN")
        );
        store.close().await.unwrap();
    }
}
