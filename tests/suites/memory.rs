//! A secret that has been dropped is nowhere in the process's memory: neither its text, nor the
//! padded blocks that HMAC makes of it, nor the hash states that it is keyed by.
//!
//! Another process holds the secret, so that what is searched for is never in what is searched.
#![cfg(target_os = "linux")]

use std::{
    collections::{BTreeSet, HashMap},
    fs::{self, File},
    io::{BufRead, BufReader, Write},
    os::unix::fs::FileExt,
    process::{Child, ChildStdout, Command, Stdio},
};

use fastrand::Rng;
use sha2::{Digest, Sha256, block_api::compress256};

/// SHA-256's first state: FIPS 180-4, section 5.3.3.
const FIRST_STATE: [u32; 8] = [
    0x6a09_e667,
    0xbb67_ae85,
    0x3c6e_f372,
    0xa54f_f53a,
    0x510e_527f,
    0x9b05_688c,
    0x1f83_d9ab,
    0x5be0_cd19,
];

/// What of a secret is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Trace {
    /// The text itself.
    Text,
    /// The key that the hash of a long text is.
    Key,
    /// The key's block XOR 0x36, which is hashed before the message.
    InnerBlock,
    /// The key's block XOR 0x5c, which is hashed before the inner hash.
    OuterBlock,
    /// The state after the inner block. Who has both states can sign.
    InnerState,
    /// The state after the outer block.
    OuterState,
}

const BLOCK: usize = 64;
const PIECE: usize = 8;

/// The traces of one secret, by each eight bytes of them.
struct Traces(HashMap<[u8; PIECE], Trace>);

impl Traces {
    fn of(text: &[u8]) -> Self {
        let mut traces = Self(HashMap::new());
        traces.add_bytes(text, Trace::Text);
        let mut key = [0; BLOCK];
        if text.len() > BLOCK {
            let hash = Sha256::digest(text);
            traces.add_bytes(&hash, Trace::Key);
            key[..hash.len()].copy_from_slice(&hash);
        } else {
            key[..text.len()].copy_from_slice(text);
        }
        // Where the key is filled up with zeros, the block is the pad alone.
        let len = if text.len() > BLOCK { 32 } else { text.len() };
        for (pad, block, state) in [
            (0x36, Trace::InnerBlock, Trace::InnerState),
            (0x5c, Trace::OuterBlock, Trace::OuterState),
        ] {
            let padded = key.map(|byte| byte ^ pad);
            traces.add_bytes(&padded[..len], block);
            let mut words = FIRST_STATE;
            compress256(&mut words, &[padded]);
            traces.add_state(words, state);
        }
        traces
    }

    /// As they are, and as the big-endian words that the hash reads them as.
    fn add_bytes(&mut self, bytes: &[u8], trace: Trace) {
        for piece in bytes.as_chunks::<PIECE>().0 {
            let [a, b, c, d, e, f, g, h] = *piece;
            self.0.insert(*piece, trace);
            self.0.insert([d, c, b, a, h, g, f, e], trace);
            // Vectors hold the words in the opposite order too.
            self.0.insert([h, g, f, e, d, c, b, a], trace);
        }
    }

    /// By two neighboring words, in either order: the processor's own instructions turn them round.
    fn add_state(&mut self, words: [u32; 8], trace: Trace) {
        for [first, second] in words.as_chunks::<2>().0 {
            let (first, second) = (first.to_ne_bytes(), second.to_ne_bytes());
            for pair in [[first, second], [second, first]] {
                let piece = pair.as_flattened().try_into().unwrap();
                self.0.insert(piece, trace);
            }
        }
    }

    fn found_in(&self, memory: &[u8]) -> BTreeSet<Trace> {
        let mut starts = vec![false; 1 << 16];
        for piece in self.0.keys() {
            starts[usize::from(u16::from_ne_bytes([piece[0], piece[1]]))] = true;
        }
        memory
            .windows(PIECE)
            .filter(|piece| starts[usize::from(u16::from_ne_bytes([piece[0], piece[1]]))])
            .filter_map(|piece| self.0.get(piece).copied())
            .collect()
    }
}

/// A process that holds the secret.
struct Holder {
    process: Child,
    stages: BufReader<ChildStdout>,
}

impl Holder {
    fn start(life: &str) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_secret-holder"))
            .arg(life)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let stages = BufReader::new(process.stdout.take().unwrap());
        Self { process, stages }
    }

    /// Waits for the stage, and searches all memory of it.
    fn found_at(&mut self, stage: &str, traces: &Traces) -> BTreeSet<Trace> {
        let mut line = String::new();
        self.stages.read_line(&mut line).unwrap();
        assert_eq!(line.trim_end(), stage);
        let regions = regions(self.process.id());
        assert!(regions.iter().any(|region| region.name == "[stack]"));
        assert!(regions.iter().any(|region| region.name == "[heap]"));
        let found: Vec<_> = regions
            .iter()
            .map(|region| (region, traces.found_in(&region.bytes)))
            .filter(|(_, found)| !found.is_empty())
            .collect();
        for (region, found) in &found {
            eprintln!("{stage}: in {}: {found:?}", region.name);
        }
        found.into_iter().flat_map(|(_, found)| found).collect()
    }

    fn go_on(&mut self, line: &str) {
        let input = self.process.stdin.as_mut().unwrap();
        writeln!(input, "{line}").unwrap();
    }
}

impl Drop for Holder {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

struct Region {
    name: String,
    bytes: Vec<u8>,
}

/// All memory that the process itself can read.
fn regions(process: u32) -> Vec<Region> {
    let memory = File::open(format!("/proc/{process}/mem")).unwrap();
    let maps = fs::read_to_string(format!("/proc/{process}/maps")).unwrap();
    maps.lines()
        .filter_map(|line| {
            let mut fields = line.split_whitespace();
            let (range, rights) = (fields.next()?, fields.next()?);
            let name = fields.nth(3).unwrap_or("anonymous").to_owned();
            // What the kernel shows there is its own, and not to be read so.
            if !rights.starts_with('r') || name.starts_with("[v") {
                return None;
            }
            let (start, end) = range.split_once('-')?;
            let [start, end] = [start, end].map(|text| u64::from_str_radix(text, 16).unwrap());
            let mut bytes = vec![0; usize::try_from(end - start).unwrap()];
            memory
                .read_exact_at(&mut bytes, start)
                .unwrap_or_else(|error| panic!("{name} at {range}: {error}"));
            Some(Region { name, bytes })
        })
        .collect()
}

fn random_text(len: usize) -> Vec<u8> {
    let mut rng = Rng::with_seed(0x5eed);
    std::iter::repeat_with(|| rng.u8(b'!'..=b'~'))
        .take(len)
        .collect()
}

fn masked(text: &[u8]) -> String {
    text.iter().map(|byte| format!("{:02x}", !byte)).collect()
}

/// The secret's life, and what of it is found at each stage.
fn check_life(life: &str, len: usize) {
    let text = random_text(len);
    let traces = Traces::of(&text);
    let mut holder = Holder::start(life);
    assert_eq!(holder.found_at("empty", &traces), BTreeSet::new());
    holder.go_on(&masked(&text));
    assert_eq!(holder.found_at("text", &traces), [Trace::Text].into());
    holder.go_on("");
    assert_eq!(
        holder.found_at("alive", &traces),
        [Trace::InnerState, Trace::OuterState].into()
    );
    holder.go_on("");
    assert_eq!(holder.found_at("dropped", &traces), BTreeSet::new());
}

#[test]
fn a_dropped_secret_is_nowhere_in_memory() {
    check_life("secret", 32);
}

#[test]
fn a_dropped_secret_that_is_longer_than_a_block_is_nowhere_in_memory() {
    check_life("secret", 96);
}

#[test]
fn a_secret_that_has_verified_and_signed_is_nowhere_in_memory_once_it_is_dropped() {
    check_life("verifier", 32);
}

/// The search itself: what is left behind is found.
#[test]
fn blocks_and_text_that_are_left_behind_are_found() {
    let text = random_text(32);
    let traces = Traces::of(&text);
    let left = [Trace::Text, Trace::InnerBlock, Trace::OuterBlock].into();
    let mut holder = Holder::start("careless");
    assert_eq!(holder.found_at("empty", &traces), BTreeSet::new());
    holder.go_on(&masked(&text));
    assert_eq!(holder.found_at("alive", &traces), left);
    holder.go_on("");
    assert_eq!(holder.found_at("dropped", &traces), left);
}
