use sinch_callback::scheme::SchemeName;

use crate::{Seed, classification, envelope, headers, scheme, typed, verifier};

/// One input of hostile bytes, and what has to hold of it.
#[derive(Clone, Copy)]
pub struct Target {
    /// Its name, and that of its folders.
    pub name: &'static str,
    /// Panics where something does not hold.
    pub run: fn(&[u8]),
    /// What mutation starts from.
    pub seeds: fn() -> Vec<Seed>,
}

/// All targets of this build.
pub const TARGETS: &[Target] = &[
    Target {
        name: "headers",
        run: headers::run,
        seeds: headers::seeds,
    },
    Target {
        name: "verifier",
        run: verifier::run,
        seeds: verifier::seeds,
    },
    Target {
        name: "classification",
        run: classification::run,
        seeds: classification::seeds,
    },
    Target {
        name: "typed",
        run: typed::run,
        seeds: typed::seeds,
    },
    Target {
        name: "envelope",
        run: envelope::run,
        seeds: envelope::seeds,
    },
    Target {
        name: "numbers",
        run: |data| scheme::run(SchemeName::Numbers, data),
        seeds: || scheme::seeds(SchemeName::Numbers),
    },
    Target {
        name: "application",
        run: |data| scheme::run(SchemeName::Application, data),
        seeds: || scheme::seeds(SchemeName::Application),
    },
    Target {
        name: "service",
        run: |data| scheme::run(SchemeName::Service, data),
        seeds: || scheme::seeds(SchemeName::Service),
    },
    Target {
        name: "mailgun",
        run: |data| scheme::run(SchemeName::Mailgun, data),
        seeds: || scheme::seeds(SchemeName::Mailgun),
    },
    Target {
        name: "engage",
        run: |data| scheme::run(SchemeName::Engage, data),
        seeds: || scheme::seeds(SchemeName::Engage),
    },
    Target {
        name: "whatsapp_legacy",
        run: |data| scheme::run(SchemeName::WhatsappLegacy, data),
        seeds: || scheme::seeds(SchemeName::WhatsappLegacy),
    },
    #[cfg(feature = "aws")]
    Target {
        name: "function_url",
        run: crate::function_url::run,
        seeds: crate::function_url::seeds,
    },
    #[cfg(feature = "aws")]
    Target {
        name: "sqs",
        run: crate::sqs::run,
        seeds: crate::sqs::seeds,
    },
];

/// Runs the target of this name.
///
/// # Panics
/// Where something does not hold, and where there is no such target.
pub fn run(name: &str, data: &[u8]) {
    let target = TARGETS.iter().find(|target| target.name == name);
    (target.expect("the target exists").run)(data);
}
