//! How many sends are reserved: in all in an hour, and for a person on a day.

use rusqlite::{Connection, OptionalExtension, params};
use sinch_callback::UnixSeconds;
use sinch_callback_pipeline::ForgetKey;
use sinch_callback_recovery::{BudgetLimits, Identity, Reservation, Reserve};

use super::{error::StoreError, forgotten, moment, open::Store};

impl Store {
    /// Takes a place in both budgets, or in neither.
    pub(crate) async fn reserve(
        &self,
        identity: &Identity,
        now: UnixSeconds,
        limits: BudgetLimits,
    ) -> Result<Reserve, StoreError> {
        let reservation = Reservation::of(identity, now);
        self.writer
            .write(move |connection| reserve(connection, &reservation, now, limits))
            .await
    }

    /// Gives a place back.
    pub(crate) async fn give_back(&self, reservation: Reservation) -> Result<(), StoreError> {
        self.writer
            .write(move |connection| {
                let marks = marks(&forgotten::made_key(connection)?, &reservation);
                let mut count = connection.prepare_cached(
                    "UPDATE budgets SET taken = taken - 1 WHERE mark = ?1 AND taken > 0",
                )?;
                for mark in marks {
                    count.execute([mark])?;
                }
                Ok(())
            })
            .await
    }
}

/// What stands for the hour, and for the person's day.
fn marks(key: &ForgetKey, reservation: &Reservation) -> [[u8; ForgetKey::MARK_LEN]; 2] {
    let Reservation {
        recipient,
        day,
        hour,
    } = reservation;
    [
        key.mark(&format!("sends of hour {hour}")),
        key.mark(&format!("sends of day {day} to {recipient}")),
    ]
}

/// How many sends the hour's budget has had.
pub(super) fn used_this_hour(connection: &Connection, now: UnixSeconds) -> rusqlite::Result<u32> {
    // Without a key nothing was ever counted.
    let Some(key) = forgotten::key(connection)? else {
        return Ok(0);
    };
    let [hour, _] = marks(&key, &Reservation::of(&Identity::new(""), now));
    taken(connection, &hour)
}

fn reserve(
    connection: &Connection,
    reservation: &Reservation,
    now: UnixSeconds,
    limits: BudgetLimits,
) -> rusqlite::Result<Reserve> {
    let [hour, day] = marks(&forgotten::made_key(connection)?, reservation);
    // Nobody else writes meanwhile.
    if taken(connection, &day)? >= limits.per_recipient_and_day {
        return Ok(Reserve::Full(reservation.next_day()));
    }
    if taken(connection, &hour)? >= limits.per_hour {
        return Ok(Reserve::Full(reservation.next_hour()));
    }
    let until = now.saturating_add(Reservation::KEPT);
    let mut count = connection.prepare_cached(
        "INSERT INTO budgets (mark, taken, until) VALUES (?1, 1, ?2) \
         ON CONFLICT (mark) DO UPDATE SET taken = taken + 1",
    )?;
    for mark in [hour, day] {
        count.execute(params![mark, moment::seconds(until)])?;
    }
    Ok(Reserve::Reserved(reservation.clone()))
}

fn taken(connection: &Connection, mark: &[u8; ForgetKey::MARK_LEN]) -> rusqlite::Result<u32> {
    let taken = connection
        .prepare_cached("SELECT taken FROM budgets WHERE mark = ?1")?
        .query_row([mark], |row| row.get(0))
        .optional()?;
    Ok(taken.unwrap_or_default())
}

/// Deletes the counts whose time is up.
pub(super) fn expire(connection: &Connection, now: UnixSeconds) -> rusqlite::Result<()> {
    connection
        .prepare_cached("DELETE FROM budgets WHERE until <= ?1")?
        .execute([moment::seconds(now)])?;
    Ok(())
}
