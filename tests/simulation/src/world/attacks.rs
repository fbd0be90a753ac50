use std::sync::Arc;

use super::{World, event::Event, tell::tell};
use crate::{
    attacker::{self, Attack, Capture},
    plan::END,
    schedule::SECOND,
    sinch::Request,
};

impl World<'_> {
    pub(super) fn capture(&mut self, request: &Arc<Request>, callback: usize) {
        self.captures.push(Capture {
            request: Arc::clone(request),
            callback,
        });
        let capture = self.captures.len() - 1;
        for _ in 0..self.draw.between(1, 3) {
            let attack = Attack::draw(&mut self.draw);
            let wait = attacker::wait(&mut self.draw);
            let at = (self.schedule.now() + wait).min(END);
            self.schedule.at(at, Event::Attack(capture, attack));
        }
    }

    /// Sends a captured callback between its failure and its retry.
    pub(super) fn attack_now(&mut self, delivery: usize) {
        if !self.draw.chance(self.plan.attack) {
            return;
        }
        let delivery = &self.deliveries[delivery];
        let Some(request) = delivery.first.clone() else {
            return;
        };
        self.captures.push(Capture {
            request,
            callback: delivery.callback,
        });
        let attack = Attack::draw(&mut self.draw);
        self.schedule.after(
            self.draw.between(0, 4 * SECOND),
            Event::Attack(self.captures.len() - 1, attack),
        );
    }

    pub(super) fn attack(&mut self, number: usize, attack: Attack) {
        let capture = self.captures[number].clone();
        for _ in 0..attack.requests() {
            let other = self.draw.index(self.captures.len());
            let other = Arc::clone(&self.captures[other].request);
            let now = self.unix(0);
            let request = attacker::request(&mut self.draw, attack, &capture.request, &other, now);
            let edge = (self.plan.edges > 0 && self.draw.chance(0.7))
                .then(|| self.draw.index(self.plan.edges));
            self.stats.attacks += 1;
            tell!(self, capture.callback, "the attacker: {attack:?}");
            self.send(Arc::new(request), None, None, edge);
        }
    }

    /// Sends a forgery to each host.
    pub(super) fn forge(&mut self) {
        for place in 0..self.plan.edges.max(1) {
            let now = self.unix(0);
            let request = attacker::forged(&mut self.draw, now);
            let edge = (self.plan.edges > 0).then_some(place);
            self.stats.attacks += 1;
            tell!(self, None, "the attacker forges");
            self.send(Arc::new(request), None, None, edge);
        }
    }
}
