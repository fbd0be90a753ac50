/// What happened in a world, in numbers.
#[derive(Clone, Copy, Debug, Default)]
pub struct Stats {
    /// Events that Sinch reported.
    pub callbacks: u64,
    /// Times that Sinch sent one.
    pub attempts: u64,
    /// Requests of the attacker's.
    pub attacks: u64,
    /// Answers of 200.
    pub accepted: u64,
    /// Answers of 4xx.
    pub refused: u64,
    /// Answers of 503.
    pub deferred: u64,
    /// Copies that a guard answered.
    pub absorbed: u64,
    /// Crashes of hosts.
    pub crashes: u64,
    /// Callbacks that Sinch gave up on.
    pub given_up: u64,
}

impl Stats {
    /// Adds another world's numbers.
    pub fn add(&mut self, other: &Self) {
        self.callbacks += other.callbacks;
        self.attempts += other.attempts;
        self.attacks += other.attacks;
        self.accepted += other.accepted;
        self.refused += other.refused;
        self.deferred += other.deferred;
        self.absorbed += other.absorbed;
        self.crashes += other.crashes;
        self.given_up += other.given_up;
    }
}
