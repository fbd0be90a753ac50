use super::{
    World,
    event::{Event, Host},
    tell::tell,
};
use crate::schedule::{MINUTE, Millis, SECOND};

impl World<'_> {
    pub(super) fn crash(&mut self, host: Host) {
        self.stats.crashes += 1;
        tell!(self, None, "{host:?} crashes");
        match host {
            Host::Edge(place) => {
                let life = self.edges[place].life + 1;
                self.edges[place] = self.new_edge(life);
            }
            Host::Receiver(place) => {
                self.receivers[place] = self.new_receiver();
                if !self.plan.on_aws {
                    self.referee.forget_guard();
                    self.crash_processor(0);
                    let restarted = self.schedule.now() + self.draw.magnitude(SECOND, 10 * MINUTE);
                    self.queue.give_all_back(restarted);
                    self.poll_not_later_than(restarted);
                    self.is_telling = false;
                    self.schedule.at(restarted, Event::Tell);
                }
            }
            Host::Processor(place) if self.plan.on_aws => self.crash_processor(place),
            Host::Processor(_) => self.crash(Host::Receiver(0)),
        }
        // Whoever crashes may take an environment at the edge along.
        if !matches!(host, Host::Edge(_)) && self.plan.edges > 0 && self.draw.chance(0.3) {
            let edge = self.draw.index(self.plan.edges);
            self.crash(Host::Edge(edge));
        }
    }

    pub(super) fn crash_processor(&mut self, place: usize) {
        let site = &mut self.processors[place];
        site.life += 1;
        site.host.crash();
        if !self.plan.on_aws {
            site.under_way.clear();
            site.reached.clear();
        }
    }

    pub(super) fn may_crash(&mut self, place: usize, within: Millis) {
        if self.draw.chance(self.plan.crash) {
            let wait = self.draw.between(0, within + 20);
            self.schedule
                .after(wait, Event::Crash(Host::Processor(place)));
        }
    }
}
