//! Holds a secret and lets go of it, while another process looks at its memory: `secret-holder LIFE`.
//!
//! At each stage it prints the stage's name and waits for a line. The first of them is the secret in
//! hexadecimal digits, each byte XOR 0xff, so that the secret's own bytes are in memory only where
//! this program puts them.

use std::{
    error::Error,
    hint::black_box,
    io::{self, BufRead},
    process::ExitCode,
};

use sinch_callback::{Secret, SecretRing, SignedHeaders, Signer, UnixSeconds, Verifier};

const NOW: UnixSeconds = UnixSeconds::new(1_773_480_419);
const BODY: &[u8] = br#"{"made_up":true}"#;
const NONCE: &str = "01JB2V7Q3M5XK8N4T6W9Y1Z0AC";

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let masked = stage("empty")?;
    let life = std::env::args().nth(1).unwrap_or_default();
    match life.as_str() {
        "secret" => secret(&masked)?,
        "verifier" => verifier(&masked)?,
        "careless" => careless(&masked)?,
        _ => return Err("usage: secret-holder secret|verifier|careless".into()),
    }
    stage("dropped")?;
    Ok(ExitCode::SUCCESS)
}

/// Made, and dropped.
fn secret(masked: &str) -> Result<(), Box<dyn Error>> {
    let secret = take(masked)?;
    stage("alive")?;
    drop(black_box(secret));
    Ok(())
}

/// All that is done with a secret: copies of it verify and sign.
fn verifier(masked: &str) -> Result<(), Box<dyn Error>> {
    let secret = take(masked)?;
    let other = Secret::new("made-up, of somebody else")?;
    let ring = SecretRing::new([other, secret.clone()])?;
    let verifier = Verifier::bare(ring);
    let signer = Signer::new(secret);
    let signed = signer.sign(BODY, NONCE, NOW)?;
    for (body, authentic) in [(BODY, true), (b"forged", false)] {
        let headers = SignedHeaders::collect(signed.headers())?;
        if verifier.authenticate(&headers, body, NOW).is_ok() != authentic {
            return Err("the wrong verdict".into());
        }
    }
    stage("alive")?;
    Ok(())
}

/// What must not happen: the padded blocks of HMAC, and the text, stay where they were computed.
fn careless(masked: &str) -> Result<(), Box<dyn Error>> {
    let mut key = text(masked)?;
    key.resize(64, 0);
    let xor = |pad: u8| key.iter().map(|byte| byte ^ pad).collect::<Vec<u8>>();
    // As the words that the hash computes with lie in memory.
    let words = |block: &[u8]| -> Vec<u8> {
        let words = block.chunks(4);
        words.flat_map(|word| word.iter().rev().copied()).collect()
    };
    let left = [xor(0x36), words(&xor(0x5c)), key];
    stage("alive")?;
    black_box(&left);
    std::mem::forget(left);
    Ok(())
}

fn take(masked: &str) -> Result<Secret, Box<dyn Error>> {
    let mut text = text(masked)?;
    stage("text")?;
    let secret = Secret::new(&text);
    text.fill(0);
    black_box(&text);
    Ok(secret?)
}

fn text(masked: &str) -> Result<Vec<u8>, Box<dyn Error>> {
    let mut text = Vec::with_capacity(masked.len());
    for start in (0..masked.len()).step_by(2) {
        let digits = masked.get(start..start + 2).ok_or("half a byte")?;
        text.push(!u8::from_str_radix(digits, 16)?);
    }
    Ok(text)
}

fn stage(name: &str) -> Result<String, Box<dyn Error>> {
    println!("{name}");
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line)?;
    Ok(line.trim_end().to_owned())
}
