use core::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sinch_callback::UnixSeconds;
use sinch_callback_lambda::{Parameter, ParameterStore};

use crate::{
    background::Time,
    draw::Draw,
    schedule::{Millis, SECOND},
};

/// The name of the one parameter.
pub(crate) const NAME: &str = "/sinch/webhook";

/// A parameter store of one host's view: shared contents, outages, and a count of its own.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    contents: Arc<Mutex<Contents>>,
    /// When this host has read the current version.
    reads: Arc<Mutex<Vec<Millis>>>,
    pub(crate) time: Time,
}

#[derive(Debug)]
struct Contents {
    versions: Vec<(Millis, String)>,
    down: bool,
    /// Until when a read that begins now gets no answer.
    hangs_until: Option<Millis>,
    /// The longest that a read takes else.
    latency: Millis,
    draw: Draw,
}

/// The store does not answer.
#[derive(Debug)]
pub(crate) struct Down;

impl fmt::Display for Down {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the parameter store is down")
    }
}

impl std::error::Error for Down {}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Store {
    pub(crate) fn new(now: Millis, secret: &str, latency: Millis, seed: u64) -> Self {
        let time = Time::default();
        time.set(now);
        Self {
            contents: Arc::new(Mutex::new(Contents {
                versions: vec![(now, secret.to_owned())],
                down: false,
                hangs_until: None,
                latency,
                draw: Draw::new(seed),
            })),
            reads: Arc::default(),
            time,
        }
    }

    /// The same store for another host.
    pub(crate) fn for_other_host(&self) -> Self {
        Self {
            contents: Arc::clone(&self.contents),
            reads: Arc::default(),
            time: self.time.clone(),
        }
    }

    pub(crate) fn put(&self, secret: &str) {
        let now = self.time.now();
        lock(&self.contents).versions.push((now, secret.to_owned()));
    }

    pub(crate) fn set(&self, now: Millis, down: bool, hangs_until: Option<Millis>) {
        self.time.set(now);
        let mut contents = lock(&self.contents);
        contents.down = down;
        contents.hangs_until = hangs_until;
    }

    /// How often this host has read the current version since `since`. Older reads are forgotten.
    pub(crate) fn reads_since(&self, since: Millis) -> usize {
        let mut reads = lock(&self.reads);
        reads.retain(|at| *at >= since);
        reads.len()
    }
}

impl ParameterStore for Store {
    type Error = Down;

    async fn read(&self, selectors: &[String]) -> Result<Vec<Parameter>, Down> {
        let now = self.time.now();
        if selectors.iter().any(|selector| selector == NAME) {
            lock(&self.reads).push(now);
        }
        let (answer, at) = {
            let mut contents = lock(&self.contents);
            let latency = match contents.latency {
                0 => 0,
                latency => contents.draw.magnitude(1, latency),
            };
            // What it says is settled when it is asked, however late it says it.
            let at = contents.hangs_until.unwrap_or(now + latency);
            (contents.answer(selectors), at)
        };
        self.time.until(at).await;
        answer
    }
}

impl Contents {
    fn answer(&self, selectors: &[String]) -> Result<Vec<Parameter>, Down> {
        let contents = self;
        if contents.down {
            return Err(Down);
        }
        let current = contents.versions.len();
        let version_of = |selector: &String| -> Option<usize> {
            match selector.strip_prefix(NAME)?.strip_prefix(':') {
                None => Some(current),
                Some(number) => number.parse().ok(),
            }
        };
        Ok(selectors
            .iter()
            .filter_map(version_of)
            .filter_map(|version| {
                let (put_at, secret) = contents.versions.get(version.checked_sub(1)?)?;
                Some(Parameter {
                    name: NAME.to_owned(),
                    version: version as i64,
                    modified_at: UnixSeconds::new(put_at / SECOND),
                    value: secret.clone().into(),
                })
            })
            .collect())
    }
}
