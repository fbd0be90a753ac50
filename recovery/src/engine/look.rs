use sinch_callback::UnixSeconds;
use sinch_callback_pipeline::messages::Message;

use super::{
    Engine,
    failure::{Failing, PortFailure},
};
use crate::{
    circumstances::{Callbacks, Circumstances, Gate},
    decide::decide,
    decision::{Decision, Hold},
    event::IntentEvent,
    id::{AttemptName, IntentId},
    intent::{Intent, Owed},
    ports::{Hearing, Intents, Mode, Ports, SuppressedFor, Suppressions, Switch, Teller},
    report::Report,
};

/// How many things are done about an intent at one look. What is left is due at once.
const STEPS: usize = 8;

/// What a look at an intent came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Looked {
    /// When to look again; `None`: not before something is reported.
    pub next: Option<UnixSeconds>,
    /// What was decided last; `None` where there is no such intent.
    pub decision: Option<Decision>,
    /// How many calls were made.
    pub calls: u32,
}

/// What a sweep came to.
#[derive(Debug, Default)]
pub struct Swept {
    /// How many intents were looked at.
    pub looked: usize,
    /// How many calls were made.
    pub calls: u32,
    /// How many could not be looked at to the end, which stay due, and why the first could not.
    pub failed: usize,
    /// Why the first could not.
    pub failure: Option<PortFailure>,
}

impl<P: Ports> Engine<P> {
    /// Looks at an intent: does what is decided about it until nothing is to be done before a later
    /// moment.
    ///
    /// # Errors
    ///
    /// Where a port fails. The intent stays due.
    pub async fn look(&self, id: IntentId) -> Result<Looked, PortFailure> {
        let found = self.ports.intents().read(id).await;
        match found.map_err(Failing::Intents.with())? {
            Some(intent) => self.go_on(intent).await,
            None => Ok(Looked::default()),
        }
    }

    /// Goes on from the intent as it was just read or written. What is done meanwhile by others is seen
    /// by each write, which is conditional.
    async fn go_on(&self, mut intent: Intent) -> Result<Looked, PortFailure> {
        let mut looked = Looked::default();
        for _ in 0..STEPS {
            // Nobody who is to be told may stand in the way of a send.
            let (done, unpaid) = match self.pay(&intent).await {
                Ok(done) => (done, None),
                Err(failure) => (Vec::new(), Some(failure)),
            };
            let circumstances = self.circumstances(&intent).await;
            let decision = decide(&intent, &circumstances);
            let settled = if let Decision::Send(send) = decision {
                self.send(&intent, send, circumstances, done, &mut looked.calls)
                    .await?
            } else {
                self.settle(&intent, circumstances, done).await?
            };
            let Some(settled) = settled else {
                return Ok(looked);
            };
            if let (Some(unpaid), false) = (unpaid, matches!(decision, Decision::Send(_))) {
                return Err(unpaid);
            }
            looked.next = settled.look_at();
            looked.decision = Some(decision);
            let is_waiting = settled.look_at().is_none_or(|next| next > self.ports.now());
            if settled.owed().is_empty() && is_waiting {
                break;
            }
            intent = settled;
        }
        Ok(looked)
    }

    /// Records what became of the message of our attempts ([`Message::attempts`]), and looks at their
    /// intents. Gives the last look; `None` where the message is of no intent.
    ///
    /// # Errors
    ///
    /// Where a port fails. The report is to be given again.
    pub async fn reported(&self, message: &Message) -> Result<Option<Looked>, PortFailure> {
        let mut looked = None;
        for name in message.attempts() {
            if let Ok(name) = AttemptName::try_from(&name) {
                let report = Report::of(message);
                looked = self.reported_of(name, report).await?.or(looked);
            }
        }
        Ok(looked)
    }

    /// Records what became of an attempt's message, and looks at the intent. `None` where there is no
    /// such intent.
    ///
    /// # Errors
    ///
    /// As [`Engine::reported`].
    pub async fn reported_of(
        &self,
        name: AttemptName,
        report: Report,
    ) -> Result<Option<Looked>, PortFailure> {
        self.look_by(name.intent, vec![(name.number, report)]).await
    }

    /// Records what became of messages of an intent, each by the number of its attempt, and only then looks
    /// at the intent. `None` where there is no such intent.
    ///
    /// It is for a host whose reports may lag behind what is due: it reads the messages itself before it
    /// looks, so that no step runs beside a success that is known.
    ///
    /// # Errors
    ///
    /// As [`Engine::reported`].
    pub async fn look_by(
        &self,
        id: IntentId,
        reports: Vec<(u32, Report)>,
    ) -> Result<Option<Looked>, PortFailure> {
        let now = self.ports.now();
        let recorded = self.ports.intents().update(id, move |mut intent| {
            let is_news = |is_news, (number, report): &(u32, Report)| {
                intent.reported(*number, report, now) || is_news
            };
            if !reports.iter().fold(false, is_news) {
                return (None, intent);
            }
            // An end by evidence depends on nothing that has to be read.
            if intent.evidence().is_some() {
                intent.settle(&Circumstances::unreadable(now));
            }
            (Some(intent.clone()), intent)
        });
        let Some(intent) = recorded.await.map_err(Failing::Intents.with())? else {
            return Ok(None);
        };
        // Also where it was no news: the look that followed it may have failed.
        self.go_on(intent).await.map(Some)
    }

    /// Looks at what is due, at most `limit` intents.
    ///
    /// # Errors
    ///
    /// Where it cannot be read what is due.
    pub async fn sweep(&self, limit: usize) -> Result<Swept, PortFailure> {
        let due = self.ports.intents().due(self.ports.now(), limit).await;
        let mut swept = Swept::default();
        for id in due.map_err(Failing::Intents.with())? {
            swept.looked = swept.looked.saturating_add(1);
            match self.look(id).await {
                Ok(looked) => swept.calls = swept.calls.saturating_add(looked.calls),
                Err(failure) => {
                    swept.failed = swept.failed.saturating_add(1);
                    swept.failure.get_or_insert(failure);
                }
            }
        }
        Ok(swept)
    }

    /// Records what is decided and takes off what was done, and gives the intent as it then is.
    pub(super) async fn settle(
        &self,
        intent: &Intent,
        circumstances: Circumstances,
        done: Vec<Owed>,
    ) -> Result<Option<Intent>, PortFailure> {
        let settle = move |mut intent: Intent| {
            intent.paid(&done, circumstances.now);
            intent.settle(&circumstances);
            intent
        };
        let settled = settle(intent.clone());
        if settled.version() == intent.version() {
            return Ok(Some(settled));
        }
        let written = self.ports.intents().update(intent.id(), move |intent| {
            let version = intent.version();
            let settled = settle(intent);
            let write = (settled.version() != version).then(|| settled.clone());
            (write, settled)
        });
        written.await.map_err(Failing::Intents.with())
    }

    /// Does what is owed, and gives what was done: at least once, and before it is taken off.
    async fn pay(&self, intent: &Intent) -> Result<Vec<Owed>, PortFailure> {
        let mut events: Vec<IntentEvent> = Vec::new();
        for owed in intent.owed() {
            match owed {
                Owed::Tell(event) => events.push(event.clone()),
                Owed::Suppress(channel, identity) => {
                    let why = SuppressedFor::Dropped;
                    let suppressions = self.ports.suppressions();
                    let suppressed = suppressions.suppress(*channel, identity, why).await;
                    suppressed.map_err(Failing::Suppressions.with())?;
                }
            }
        }
        if !events.is_empty() {
            let told = self.ports.teller().tell(&events).await;
            told.map_err(Failing::Teller.with())?;
        }
        Ok(intent.owed().to_vec())
    }

    /// Reads all that a decision depends on. What cannot be read is closed.
    async fn circumstances(&self, intent: &Intent) -> Circumstances {
        // Before the gates are read, so that what they said then is never taken for newer.
        let now = self.ports.now();
        // Where nothing would be sent with every gate open, none has to be read.
        let open = Circumstances::open(now);
        let is_silent = !intent.is_overdue(now);
        if is_silent && !matches!(decide(intent, &open), Decision::Send(_)) {
            return open;
        }
        let mut circumstances = Circumstances::unreadable(now);
        let open = |is_open: bool| if is_open { Gate::Open } else { Gate::Closed };
        if let Ok(state) = self.ports.switch().read().await {
            circumstances.switch = open(state.mode != Mode::Off);
            circumstances.fleet = open(state.paused.is_none());
            circumstances.is_dry_run = state.mode == Mode::DryRun;
        }
        circumstances.suppressed = self.ports.suppressions().suppressed(intent.to()).await.ok();
        if let Ok(heard) = self.ports.hearing().heard(now).await {
            circumstances.heard_until = Some(heard.until);
            circumstances.callbacks = heard.callbacks;
        }
        // Where it is not open, the reservation says so.
        circumstances.budget = Gate::Open;
        let held = decide(intent, &circumstances);
        if matches!(held, Decision::Wait(_, Hold::CallbacksStopped)) {
            let probing = Circumstances {
                callbacks: Callbacks::Probe,
                ..circumstances.clone()
            };
            let would_send = matches!(decide(intent, &probing), Decision::Send(_));
            if would_send && self.ports.hearing().take_probe(now).await.unwrap_or(false) {
                return probing;
            }
        }
        circumstances
    }
}
