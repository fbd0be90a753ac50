use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, Row, params};
use sinch_callback::{
    Callback, ContentKey, DeliveryReport, DeliveryState, Step, UnixSeconds, Unrecognized,
};
use sinch_callback_pipeline::{
    Applied, CallbackRecord, CarrierWords, Change, DeliveryLog, Message, Novelty, by_message,
};

use super::{
    Store, StoreError, forgotten,
    messages::{find, write},
};

impl DeliveryLog for Store {
    type Error = StoreError;

    async fn apply(&self, record: CallbackRecord<'_>) -> Result<Applied, StoreError> {
        let arrival = Arrival::of(record);
        self.writer
            .write(move |connection| arrival.apply(connection))
            .await
    }
}

/// A record that can travel to the writing thread.
struct Arrival {
    content_key: ContentKey,
    request_id: String,
    kind: String,
    secret_slot: u8,
    received_at: i64,
    signed_at: i64,
    body: Vec<u8>,
    content: Result<Callback, Unrecognized>,
    unrecognized: Option<&'static str>,
}

impl Arrival {
    fn of(record: CallbackRecord<'_>) -> Self {
        let envelope = record.envelope;
        Self {
            content_key: envelope.content_key,
            request_id: envelope.request_id.to_string(),
            kind: envelope.kind.to_string(),
            secret_slot: envelope.secret_slot,
            received_at: column(envelope.received_at.get()),
            signed_at: column(envelope.signed_at.get()),
            body: envelope.body.to_vec(),
            content: record.content.cloned(),
            unrecognized: record.unrecognized().map(Unrecognized::as_str),
        }
    }

    fn reports(&self) -> &[DeliveryReport] {
        self.content
            .as_ref()
            .map_or(&[][..], |callback| &callback.reports)
    }

    fn apply(&self, connection: &Connection) -> rusqlite::Result<Applied> {
        if let Some(callback) = self.insert(connection)? {
            return self.apply_new(connection, callback);
        }
        let (callback, request_id, why): (i64, String, Option<String>) = connection
            .prepare_cached(
                "SELECT seq, request_id, unrecognized FROM callbacks WHERE content_key = ?1",
            )?
            .query_row([self.content_key.as_bytes()], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?))
            })?;
        if why.is_some() && why.as_deref() != self.unrecognized {
            // What no version had understood, this one has.
            connection
                .prepare_cached(
                    "UPDATE callbacks SET kind = ?2, unrecognized = ?3, request_id = ?4 \
                     WHERE seq = ?1",
                )?
                .execute(params![
                    callback,
                    self.kind(),
                    self.unrecognized,
                    self.request_id
                ])?;
            return self.apply_new(connection, callback);
        }
        if request_id == self.request_id {
            return Ok(Applied {
                novelty: Novelty::Redelivered,
                changes: self.recorded_changes(connection, callback)?,
            });
        }
        connection
            .prepare_cached(
                "UPDATE callbacks SET repeats = repeats + 1, last_repeat_at = ?2 WHERE seq = ?1",
            )?
            .execute([callback, self.received_at])?;
        Ok(Applied {
            novelty: Novelty::Repeated,
            changes: Vec::new(),
        })
    }

    /// The kind as this version understands it.
    fn kind(&self) -> &str {
        self.content
            .as_ref()
            .map_or(&*self.kind, |callback| callback.kind.as_str())
    }

    fn apply_new(&self, connection: &Connection, callback: i64) -> rusqlite::Result<Applied> {
        Ok(Applied {
            novelty: Novelty::New,
            changes: self.apply_reports(connection, callback)?,
        })
    }

    /// Inserts the callback; `None` where its event is there already.
    fn insert(&self, connection: &Connection) -> rusqlite::Result<Option<i64>> {
        connection
            .prepare_cached(
                "INSERT INTO callbacks (content_key, request_id, kind, unrecognized, received_at, \
                 signed_at, secret_slot, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) \
                 ON CONFLICT (content_key) DO NOTHING RETURNING seq",
            )?
            .query_row(
                params![
                    self.content_key.as_bytes(),
                    self.request_id,
                    self.kind,
                    self.unrecognized,
                    self.received_at,
                    self.signed_at,
                    self.secret_slot,
                    self.body,
                ],
                |row| row.get(0),
            )
            .optional()
    }

    /// Applies the reports, those on one message together, and tells what each of them did.
    fn apply_reports(
        &self,
        connection: &Connection,
        callback: i64,
    ) -> rusqlite::Result<Vec<Change>> {
        let received_at = UnixSeconds::new(self.received_at.try_into().unwrap_or_default());
        let mut changes = BTreeMap::new();
        for (message_id, reports) in by_message(self.reports()) {
            let Some((_, first)) = reports.first() else {
                continue;
            };
            let found = find(connection, message_id)?;
            if found.is_none() && forgotten::is_marked(connection, message_id)? {
                changes.extend(reports.iter().map(|(place, _)| (*place, NO_CHANGE)));
                connection
                    .prepare_cached("UPDATE callbacks SET body = x'' WHERE seq = ?1")?
                    .execute([callback])?;
                continue;
            }
            let mut message =
                found.unwrap_or_else(|| Message::new(message_id, first.subject, received_at));
            let done = message.apply(self.content_key, received_at, &reports);
            let seq = write(connection, &message)?;
            for ((place, report), change) in reports.into_iter().zip(done) {
                insert_log_entry(connection, seq, callback, place, report, &change)?;
                changes.insert(place, change);
            }
        }
        Ok(changes.into_values().collect())
    }

    /// What this arrival did when it was applied the first time.
    fn recorded_changes(
        &self,
        connection: &Connection,
        callback: i64,
    ) -> rusqlite::Result<Vec<Change>> {
        let mut select = connection.prepare_cached(
            "SELECT step, leg, from_state, state, version, contradicted, said FROM log \
             WHERE message = (SELECT seq FROM messages WHERE message_id = ?1) \
             AND callback = ?2 AND report = ?3",
        )?;
        let reports = self.reports().iter().enumerate();
        reports
            .map(|(index, report)| {
                let place = params![report.message_id, callback, row_index(index)];
                let found = select.query_row(place, recorded_change).optional()?;
                Ok(found.unwrap_or(NO_CHANGE))
            })
            .collect()
    }
}

/// What a report did whose message is forgotten.
const NO_CHANGE: Change = Change {
    step: Step::Unknown,
    from: None,
    state: None,
    version: 0,
    contradicted: false,
    contradicts: false,
    said: None,
};

/// What a log entry says that its report did.
fn recorded_change(row: &Row<'_>) -> rusqlite::Result<Change> {
    let text = |name| row.get::<_, Option<String>>(name);
    let state_of = |name| Ok::<_, rusqlite::Error>(text(name)?.and_then(|name| name.parse().ok()));
    let leg = text("leg")?.and_then(|leg| leg.parse().ok());
    let step = text("step")?.and_then(|step| Step::parse(&step, leg));
    let step = step.unwrap_or(Step::Unknown);
    let (from, state) = (state_of("from_state")?, state_of("state")?);
    let version = row.get("version")?;
    Ok(Change {
        step,
        // An entry of an earlier version of the store does not know where its message came from: what
        // moved a leg is told again rather than never.
        from: match step {
            Step::Repeated | Step::Late | Step::Unknown if version == 0 => state,
            _ => from,
        },
        state,
        version,
        contradicted: row.get("contradicted")?,
        contradicts: false,
        said: text("said")?.and_then(|said| serde_json::from_str(&said).ok()),
    })
}

fn insert_log_entry(
    connection: &Connection,
    message: i64,
    callback: i64,
    index: usize,
    report: &DeliveryReport,
    change: &Change,
) -> rusqlite::Result<()> {
    let reason = Reason::of(report);
    let leg = match change.step {
        Step::Moved(leg) => Some(leg.as_str()),
        _ => None,
    };
    let said = change.said.as_ref();
    connection
        .prepare_cached(
            "INSERT INTO log (message, callback, report, channel, status, step, leg, from_state, \
             state, version, contradicted, said, reason_code, reason_sub_code, reason_description, \
             reason_channel_code, reason_status_message, permanence, remedy, carrier, occurred_at) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, \
             ?18, ?19, ?20, ?21) ON CONFLICT DO NOTHING",
        )?
        .execute(params![
            message,
            callback,
            row_index(index),
            report.channel,
            report.status_text,
            change.step.as_str(),
            leg,
            change.from.map(DeliveryState::as_str),
            change.state.map(DeliveryState::as_str),
            change.version,
            change.contradicted,
            // Texts and numbers under fixed names have no way to fail.
            said.and_then(|said| serde_json::to_string(said).ok()),
            reason.code,
            reason.sub_code,
            reason.description,
            reason.channel_code,
            reason.status_message,
            reason.permanence,
            reason.remedy,
            carrier(report),
            report.occurred_at,
        ])?;
    Ok(())
}

/// A report's failure as columns, all of them null where there is none.
#[derive(Default)]
struct Reason<'a> {
    code: Option<&'a str>,
    sub_code: Option<&'a str>,
    description: Option<&'a str>,
    channel_code: Option<&'a str>,
    status_message: Option<&'a str>,
    permanence: Option<&'static str>,
    remedy: Option<&'static str>,
}

impl<'a> Reason<'a> {
    fn of(report: &'a DeliveryReport) -> Self {
        report
            .failure
            .as_ref()
            .map_or_else(Self::default, |failure| Self {
                code: Some(&failure.code),
                sub_code: Some(&failure.sub_code),
                description: Some(&failure.description),
                channel_code: Some(&failure.channel_code),
                status_message: Some(&failure.status_message),
                permanence: Some(failure.permanence.as_str()),
                remedy: Some(failure.remedy.as_str()),
            })
    }
}

/// What a report's carrier said, as JSON; null where it said nothing.
fn carrier(report: &DeliveryReport) -> Option<String> {
    // Texts and numbers under fixed names have no way to fail.
    CarrierWords::of(&report.carrier).and_then(|words| serde_json::to_string(&words).ok())
}

/// Seconds as SQLite keeps them; a moment past its range is kept as its last.
fn column(seconds: u64) -> i64 {
    i64::try_from(seconds).unwrap_or(i64::MAX)
}

fn row_index(index: usize) -> i64 {
    i64::try_from(index).unwrap_or(i64::MAX)
}
