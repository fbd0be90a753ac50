use rusqlite::{Connection, OptionalExtension, named_params, params};
use sinch_callback::{
    Callback, ContentKey, DeliveryReport, DeliveryState, Leg, ReportSubject, Step, Unrecognized,
};
use sinch_callback_pipeline::{
    Applied, CallbackRecord, CarrierWords, Change, DeliveryLog, Novelty,
};

use super::{Store, StoreError};

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
        let reports = self.reports().iter().enumerate();
        Ok(Applied {
            novelty: Novelty::New,
            changes: reports
                .map(|(index, report)| self.apply_report(connection, callback, index, report))
                .collect::<Result<_, _>>()?,
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

    fn apply_report(
        &self,
        connection: &Connection,
        callback: i64,
        index: usize,
        report: &DeliveryReport,
    ) -> rusqlite::Result<Change> {
        let message = find_message(connection, &report.message_id)?;
        let legs = message.map_or(Ok(Vec::new()), |message| legs(connection, message))?;
        let known = legs.iter().map(|(channel, leg)| (channel.as_str(), *leg));
        let change = Change::decide(known, report);
        let message = self.write_message(connection, report, change)?;
        if let Step::Moved(leg) = change.step {
            connection
                .prepare_cached(
                    "INSERT INTO legs (message, channel, leg, updated_at) VALUES (?1, ?2, ?3, ?4) \
                     ON CONFLICT DO UPDATE SET leg = excluded.leg, updated_at = excluded.updated_at",
                )?
                .execute(params![
                    message,
                    report.channel,
                    leg.as_str(),
                    self.received_at
                ])?;
        }
        insert_log_entry(connection, message, callback, index, report, change)?;
        Ok(change)
    }

    /// Writes where the change has taken the message, and gives its row. The reason and the channel
    /// are those of its last move; what ties it to a business is filled in by whichever report
    /// brings it first, and kept. A contradiction is marked and moves nothing.
    fn write_message(
        &self,
        connection: &Connection,
        report: &DeliveryReport,
        change: Change,
    ) -> rusqlite::Result<i64> {
        let reason = Reason::of(report);
        connection
            .prepare_cached(
                "INSERT INTO messages (message_id, subject, state, channel, identity, \
                 reason_code, reason_sub_code, reason_description, reason_channel_code, \
                 reason_status_message, permanence, remedy, carrier, contradicted, \
                 conversation_id, contact_id, metadata, correlation_id, client_reference, \
                 first_received_at, updated_at) VALUES \
                 (:message_id, :subject, :state, :channel, :identity, \
                 :reason_code, :reason_sub_code, :reason_description, :reason_channel_code, \
                 :reason_status_message, :permanence, :remedy, :carrier, :contradicted, \
                 :conversation_id, :contact_id, :metadata, :correlation_id, :client_reference, \
                 :received_at, :received_at) \
                 ON CONFLICT (message_id) DO UPDATE SET \
                 state = excluded.state, \
                 channel = iif(:moved, excluded.channel, channel), \
                 identity = iif(:moved, excluded.identity, identity), \
                 reason_code = iif(:moved, excluded.reason_code, reason_code), \
                 reason_sub_code = iif(:moved, excluded.reason_sub_code, reason_sub_code), \
                 reason_description = iif(:moved, excluded.reason_description, reason_description), \
                 reason_channel_code = iif(:moved, excluded.reason_channel_code, reason_channel_code), \
                 reason_status_message = iif(:moved, excluded.reason_status_message, reason_status_message), \
                 permanence = iif(:moved, excluded.permanence, permanence), \
                 remedy = iif(:moved, excluded.remedy, remedy), \
                 carrier = iif(:moved, excluded.carrier, carrier), \
                 contradicted = contradicted OR excluded.contradicted, \
                 conversation_id = coalesce(nullif(conversation_id, ''), excluded.conversation_id), \
                 contact_id = coalesce(nullif(contact_id, ''), excluded.contact_id), \
                 metadata = coalesce(nullif(metadata, ''), excluded.metadata), \
                 correlation_id = coalesce(nullif(correlation_id, ''), excluded.correlation_id), \
                 client_reference = coalesce(nullif(client_reference, ''), excluded.client_reference), \
                 updated_at = excluded.updated_at \
                 RETURNING seq",
            )?
            .query_row(
                named_params! {
                    ":message_id": report.message_id,
                    ":subject": subject(report.subject),
                    ":state": change.state.map(DeliveryState::as_str),
                    ":channel": report.channel,
                    ":identity": report.identity,
                    ":reason_code": reason.code,
                    ":reason_sub_code": reason.sub_code,
                    ":reason_description": reason.description,
                    ":reason_channel_code": reason.channel_code,
                    ":reason_status_message": reason.status_message,
                    ":permanence": reason.permanence,
                    ":remedy": reason.remedy,
                    ":carrier": carrier(report),
                    ":contradicted": change.step == Step::Contradicted,
                    ":conversation_id": report.conversation_id,
                    ":contact_id": report.contact_id,
                    ":metadata": report.correlation.metadata,
                    ":correlation_id": report.correlation.correlation_id,
                    ":client_reference": report.correlation.client_reference,
                    ":received_at": self.received_at,
                    ":moved": matches!(change.step, Step::Moved(_)),
                },
                |row| row.get(0),
            )
    }

    /// What this arrival did when it was applied the first time.
    fn recorded_changes(
        &self,
        connection: &Connection,
        callback: i64,
    ) -> rusqlite::Result<Vec<Change>> {
        let mut select = connection.prepare_cached(
            "SELECT step, leg, state FROM log \
             WHERE message = (SELECT seq FROM messages WHERE message_id = ?1) \
             AND callback = ?2 AND report = ?3",
        )?;
        let reports = self.reports().iter().enumerate();
        reports
            .map(|(index, report)| {
                select.query_row(
                    params![report.message_id, callback, row_index(index)],
                    |row| {
                        let leg: Option<String> = row.get(1)?;
                        let state: Option<String> = row.get(2)?;
                        let leg = leg.as_deref().and_then(Leg::parse);
                        let step = Step::parse(row.get_ref(0)?.as_str()?, leg);
                        Ok(Change {
                            step: step.unwrap_or(Step::Unknown),
                            state: state.as_deref().and_then(DeliveryState::parse),
                        })
                    },
                )
            })
            .collect()
    }
}

fn find_message(connection: &Connection, message_id: &str) -> rusqlite::Result<Option<i64>> {
    connection
        .prepare_cached("SELECT seq FROM messages WHERE message_id = ?1")?
        .query_row([message_id], |row| row.get(0))
        .optional()
}

fn legs(connection: &Connection, message: i64) -> rusqlite::Result<Vec<(String, Leg)>> {
    let mut select =
        connection.prepare_cached("SELECT channel, leg FROM legs WHERE message = ?1")?;
    let rows = select.query_map([message], |row| {
        let channel: String = row.get(0)?;
        Ok((channel, Leg::parse(row.get_ref(1)?.as_str()?)))
    })?;
    let mut legs = Vec::new();
    for row in rows {
        let (channel, leg) = row?;
        legs.extend(leg.map(|leg| (channel, leg)));
    }
    Ok(legs)
}

fn insert_log_entry(
    connection: &Connection,
    message: i64,
    callback: i64,
    index: usize,
    report: &DeliveryReport,
    change: Change,
) -> rusqlite::Result<()> {
    let reason = Reason::of(report);
    let leg = match change.step {
        Step::Moved(leg) => Some(leg.as_str()),
        _ => None,
    };
    connection
        .prepare_cached(
            "INSERT INTO log (message, callback, report, channel, status, step, leg, state, \
             reason_code, reason_sub_code, reason_description, reason_channel_code, \
             reason_status_message, permanence, remedy, carrier, occurred_at) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17) \
             ON CONFLICT DO NOTHING",
        )?
        .execute(params![
            message,
            callback,
            row_index(index),
            report.channel,
            report.status_text,
            change.step.as_str(),
            leg,
            change.state.map(DeliveryState::as_str),
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

fn subject(subject: ReportSubject) -> &'static str {
    match subject {
        ReportSubject::Event => "event",
        ReportSubject::SmsRecipient => "sms_recipient",
        _ => "message",
    }
}

/// Seconds as SQLite keeps them; a moment past its range is kept as its last.
fn column(seconds: u64) -> i64 {
    i64::try_from(seconds).unwrap_or(i64::MAX)
}

fn row_index(index: usize) -> i64 {
    i64::try_from(index).unwrap_or(i64::MAX)
}
