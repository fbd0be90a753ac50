use sinch_callback::scheme::SchemeName;
use sinch_callback_tests::SchemeVector;

use super::case::{MOST_HEADERS, SIGNER_SHIFT, SIGNS, TAMPERS};
use crate::{Seed, reader::Writer};

/// The vectors of the scheme as inputs, each in several ways.
pub(crate) fn seeds(name: SchemeName) -> Vec<Seed> {
    let vectors = SchemeVector::all();
    let mut seeds = Vec::new();
    for vector in vectors.iter().filter(|vector| vector.scheme_name() == name) {
        let secrets = vector.secrets().len();
        let stranger = u8::try_from(secrets).expect("a ring is small") << SIGNER_SHIFT;
        let ways = [
            ("as-it-is", 0, 0),
            ("signed", SIGNS, 0),
            ("of-a-stranger", SIGNS | stranger, 0),
            ("bit-of-the-body", SIGNS | TAMPERS, 0),
            ("bit-of-a-header", SIGNS | TAMPERS, 1),
            ("doubled", SIGNS | TAMPERS, 2),
            ("cut-earlier", SIGNS | TAMPERS, 3),
            ("cut-later", SIGNS | TAMPERS, 4),
        ];
        for (way, control, what) in ways {
            if let Some(bytes) = seed(vector, control, what) {
                seeds.push(Seed::new(format!("{}-{way}", vector.id), bytes));
            }
        }
    }
    seeds
}

/// The vector as an input; nothing where it does not fit into one.
fn seed(vector: &SchemeVector, control: u8, what: u8) -> Option<Vec<u8>> {
    let headers = vector.headers();
    let count = |length: usize| u8::try_from(length).ok();
    let secrets = vector.secrets();
    let mut writer = Writer::default()
        .byte(control)
        .byte(count(secrets.len())?.checked_sub(1)?);
    for secret in &secrets {
        // A record of Engage is chosen by its first byte.
        writer = writer.text(secret.get(..255).unwrap_or(secret))?;
    }
    writer = writer.number(vector.now().get());
    writer = writer.text(vector.request().method().as_bytes())?;
    writer = writer.text(vector.request().target().as_bytes())?;
    writer = writer.byte(count(headers.len()).filter(|count| *count <= MOST_HEADERS)?);
    for (name, value) in &headers {
        // A signature of Engage has more bytes than a text of an input.
        let value = value.get(..255).unwrap_or(value);
        writer = writer.byte(u8::MAX).text(name.as_bytes())?.text(value)?;
    }
    Some(writer.byte(what).number(1).byte(1).rest(&vector.body()))
}
