use core::time::Duration;

use super::{
    Engine,
    failure::{Failing, PortFailure},
};
use crate::{
    budget::{Reservation, Reserve},
    call::{CallAnswer, Effects},
    circumstances::{Circumstances, Gate},
    decision::Send,
    id::AttemptName,
    intent::{Intent, Owed},
    ports::{Budgets, Intents, Ports, Sender, Switch},
};

/// How old what the gates said may be when a call is made.
const FRESH: Duration = Duration::from_secs(5);
/// How often the outcome of a call is written before it is left to be unresolved.
const WRITES: u32 = 3;

impl<P: Ports> Engine<P> {
    /// Makes the call that was decided, unless something stands against it by now, and gives the intent
    /// as it then is. Each step can be the last one before a crash: before the reservation nothing has
    /// happened; behind it a place in the budget is lost; behind the write the attempt is `Sending`, and
    /// becomes unresolved.
    pub(super) async fn send(
        &self,
        intent: &Intent,
        send: Send,
        mut circumstances: Circumstances,
        done: Vec<Owed>,
        calls: &mut u32,
    ) -> Result<Option<Intent>, PortFailure> {
        let (id, read_at) = (intent.id(), circumstances.now);
        let Some(identity) = intent.to().get(&send.channel) else {
            return self.settle(intent, circumstances, done).await;
        };
        let reservation = match self.ports.budgets().reserve(identity, read_at).await {
            Ok(Reserve::Reserved(reservation)) => reservation,
            Ok(Reserve::Full(until)) => {
                circumstances.budget = Gate::Closed;
                circumstances.budget_from = Some(until);
                return self.settle(intent, circumstances, done).await;
            }
            Err(_) => {
                circumstances.budget = Gate::Unreadable;
                return self.settle(intent, circumstances, done).await;
            }
        };
        let (gates, paid, reached) = (circumstances.clone(), done.clone(), identity.clone());
        let started = self.ports.intents().update(id, move |intent| {
            let mut started = intent.clone();
            started.paid(&paid, gates.now);
            match started.start(&gates) {
                // A step that became another one meanwhile has no place of its own in the budget.
                Ok(call) if call.identity == reached => (Some(started), Ok(call)),
                _ => (None, Err(intent)),
            }
        });
        // An error leaves the reservation taken: the attempt may be Sending.
        let call = match started.await.map_err(Failing::Intents.with())? {
            Some(Ok(call)) => call,
            Some(Err(other)) => {
                self.give_back(reservation).await?;
                return self.settle(&other, circumstances, done).await;
            }
            None => {
                self.give_back(reservation).await?;
                return Ok(None);
            }
        };
        let now = self.ports.now();
        // A clock that went back says nothing about how long that took.
        let is_fresh = now >= read_at && now.since(read_at) < FRESH;
        let answer = if is_fresh {
            *calls = calls.saturating_add(1);
            Some(self.ports.sender().send(&call).await)
        } else {
            None
        };
        let answered = self.answered(call.attempt, answer, circumstances).await?;
        let Some((intent, effects)) = answered else {
            return Ok(None);
        };
        if effects.gives_back {
            self.give_back(reservation).await?;
        }
        if effects.renews {
            self.ports.sender().renew().await;
        }
        if let Some(why) = &effects.pauses {
            let paused = self.ports.switch().pause(why).await;
            paused.map_err(Failing::Switch.with())?;
        }
        Ok(Some(intent))
    }

    /// Records what came of a call; `None` as the answer where it was not made.
    async fn answered(
        &self,
        attempt: AttemptName,
        answer: Option<CallAnswer>,
        circumstances: Circumstances,
    ) -> Result<Option<(Intent, Effects)>, PortFailure> {
        let mut last = None;
        for _ in 0..WRITES {
            let answer = answer.clone();
            let now = self.ports.now();
            // The gates are as old as they were: nothing is sent on their word.
            let circumstances = Circumstances {
                now,
                ..circumstances.clone()
            };
            let written = self
                .ports
                .intents()
                .update(attempt.intent, move |mut intent| {
                    let (number, version) = (attempt.number, intent.version());
                    let effects = match &answer {
                        Some(answer) => intent.answered(number, answer, now),
                        None => intent.not_called(number, now),
                    };
                    intent.settle(&circumstances);
                    let write = (intent.version() != version).then(|| intent.clone());
                    (write, (intent, effects))
                });
            match written.await {
                Ok(written) => return Ok(written),
                Err(error) => last = Some(error),
            }
        }
        last.map_or(Ok(None), |error| Err(Failing::Intents.with()(error)))
    }

    async fn give_back(&self, reservation: Reservation) -> Result<(), PortFailure> {
        let given = self.ports.budgets().give_back(reservation).await;
        given.map_err(Failing::Budgets.with())
    }
}
