use std::sync::Arc;

use sinch_callback::UnixSeconds;

use super::{
    World,
    event::Event,
    exchange::{Attempt, Delivery, Exchange},
    tell::tell,
};
use crate::{
    referee::Verdict,
    schedule::{Millis, SECOND},
    sinch::{self, Request},
};

impl World<'_> {
    pub(super) fn report(&mut self, callback: usize) -> Verdict {
        for _ in 0..self.plan.webhooks {
            self.deliveries.push(Delivery {
                callback,
                attempts: 0,
                settled: false,
                first: None,
            });
            let delivery = self.deliveries.len() - 1;
            self.attempt(delivery)?;
        }
        Ok(())
    }

    pub(super) fn attempt(&mut self, number: usize) -> Verdict {
        if self.deliveries[number].settled {
            return Ok(());
        }
        let callback = self.deliveries[number].callback;
        let again = self.deliveries[number].first.clone();
        let request = match again.filter(|_| !self.plan.resigns) {
            Some(first) => first,
            None => {
                let nonce = self.draw.nonce();
                let body = Arc::clone(&self.callbacks[callback].body);
                let at = self.unix(self.plan.sinch_skew);
                let secret = &self.secrets[self.signing];
                Arc::new(Request::signed(body, secret, &nonce, at))
            }
        };
        self.deliveries[number].first = Some(Arc::clone(&request));
        self.attempts.push(Attempt {
            delivery: number,
            settled: false,
        });
        let attempt = self.attempts.len() - 1;
        self.stats.attempts += 1;
        tell!(
            self,
            callback,
            "Sinch sends it, attempt {}, signed with secret {}",
            self.deliveries[number].attempts + 1,
            self.signing
        );
        self.schedule.after(
            self.draw.between(10 * SECOND, 30 * SECOND),
            Event::Timeout(attempt),
        );
        if self.draw.chance(self.plan.attack) {
            self.capture(&request, callback);
        }
        let edge = (self.plan.edges > 0).then(|| self.draw.index(self.plan.edges));
        self.send(request, Some(callback), Some(attempt), edge);
        Ok(())
    }

    /// Puts a request on the line: it may be lost, late, or doubled.
    pub(super) fn send(
        &mut self,
        request: Arc<Request>,
        callback: Option<usize>,
        attempt: Option<usize>,
        edge: Option<usize>,
    ) {
        let copies = 1 + u32::from(self.draw.chance(self.plan.duplication));
        for _ in 0..copies {
            if self.draw.chance(self.plan.loss) {
                tell!(self, callback, "... lost on its way");
                continue;
            }
            let number = self.number();
            let receiver = self.draw.index(self.plan.receivers);
            self.exchanges.insert(
                number,
                Exchange {
                    request: Arc::clone(&request),
                    callback,
                    attempt,
                    via: None,
                    receiver,
                    received_at: UnixSeconds::new(0),
                    replay_key: None,
                },
            );
            let wait = self.line();
            self.schedule.after(
                wait,
                match edge {
                    Some(edge) => Event::AtEdge(number, edge),
                    None => Event::AtReceiver(number),
                },
            );
        }
    }

    pub(super) fn line(&mut self) -> Millis {
        if self.draw.chance(0.01) {
            return self.draw.between(SECOND, 8 * SECOND);
        }
        self.draw.magnitude(5, 400)
    }

    /// Sinch has an answer, or has waited long enough. The first of them counts.
    pub(super) fn settle(&mut self, number: usize, status: Option<u16>) {
        let attempt = &mut self.attempts[number];
        if core::mem::replace(&mut attempt.settled, true) {
            return;
        }
        let delivery = attempt.delivery;
        let callback = self.deliveries[delivery].callback;
        match status {
            Some(status @ 200..300) => {
                tell!(self, callback, "Sinch is answered {status}");
                self.deliveries[delivery].settled = true;
            }
            Some(status @ 400..500) if status != 429 => {
                tell!(self, callback, "Sinch is answered {status}, and gives up");
                self.deliveries[delivery].settled = true;
                self.stats.given_up += 1;
            }
            failure => {
                let what = failure.map_or("nothing".to_owned(), |status| status.to_string());
                self.deliveries[delivery].attempts += 1;
                let retry = sinch::retry_after(self.deliveries[delivery].attempts);
                match retry {
                    Some(wait) => {
                        tell!(
                            self,
                            callback,
                            "Sinch is answered {what}, and retries in {} s",
                            wait / SECOND
                        );
                        self.schedule.after(wait, Event::Attempt(delivery));
                        self.attack_now(delivery);
                    }
                    None => {
                        tell!(self, callback, "Sinch is answered {what}, and gives up");
                        self.deliveries[delivery].settled = true;
                        self.stats.given_up += 1;
                    }
                }
            }
        }
    }
}
