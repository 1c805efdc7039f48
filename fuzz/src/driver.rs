//! Seconds of fuzzing without libFuzzer: the corpus, mutated by seeded chance, as far as time allows.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::Path;
use std::time::{Duration, Instant};

const TOKENS: [&[u8]; 24] = [
    b"\"",
    b"\\",
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b"null",
    b"true",
    b"-0",
    b"1e999",
    b"18446744073709551616",
    b"1.5",
    b"\"_miroir_seq\":",
    b"\"_miroir_x\":1,",
    b"\"id\":",
    b"\\ud800",
    b"\\u0041",
    b"\xff",
    b"\x00",
    b"\n",
    b"\"hits\":[",
    b"{\"order\":0}",
];
const LONGEST: usize = 16 * 1024;

/// Check every seed, then mutations of them until the time is over; at least one hundred of them. Returns how many.
///
/// An input that fails is written to a file, which is named with the seed of the chance.
pub fn run(corpus: &Path, seed: u64, time: Duration, check: fn(&[u8])) -> u64 {
    let mut seeds: Vec<_> = std::fs::read_dir(corpus)
        .expect("a corpus")
        .map(|entry| entry.expect("a file").path())
        .collect();
    seeds.sort();
    let seeds: Vec<Vec<u8>> = seeds
        .iter()
        .map(|path| std::fs::read(path).expect("a seed"))
        .collect();
    let (start, mut chance, mut tried) = (Instant::now(), Chance(seed | 1), 0);
    seeds.iter().for_each(|input| try_one(input, seed, check));
    while tried < 100 || start.elapsed() < time {
        try_one(&mutated(&seeds, &mut chance), seed, check);
        tried += 1;
    }
    tried
}

fn try_one(input: &[u8], seed: u64, check: fn(&[u8])) {
    if let Err(panic) = catch_unwind(AssertUnwindSafe(|| check(input))) {
        let file = std::env::temp_dir().join(format!("miroir-fuzz-{seed}-{}", std::process::id()));
        std::fs::write(&file, input).expect("the input is kept");
        eprintln!("seed {seed} failed: its input is in {}", file.display());
        resume_unwind(panic);
    }
}

struct Chance(u64);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        // xorshift64*, by Marsaglia and Vigna.
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) as usize % end.max(1)
    }
}

fn mutated(seeds: &[Vec<u8>], chance: &mut Chance) -> Vec<u8> {
    let mut input = seeds[chance.below(seeds.len())].clone();
    for _ in 0..1 + chance.below(8) {
        mutate(&mut input, seeds, chance);
    }
    input.truncate(LONGEST);
    input
}

fn mutate(input: &mut Vec<u8>, seeds: &[Vec<u8>], chance: &mut Chance) {
    let at = chance.below(input.len() + 1);
    let to = (at + chance.below(64)).min(input.len());
    match chance.below(7) {
        0 if at < input.len() => input[at] ^= 1 << chance.below(8),
        1 if at < input.len() => input[at] = chance.below(256) as u8,
        2 => drop(input.drain(at..to)),
        3 => drop(input.splice(at..at, TOKENS[chance.below(TOKENS.len())].iter().copied())),
        4 => {
            let copy = input[at..to].to_vec();
            let place = chance.below(input.len() + 1);
            drop(input.splice(place..place, copy));
        }
        5 => {
            let other = &seeds[chance.below(seeds.len())];
            let from = chance.below(other.len() + 1);
            drop(input.splice(at.., other[from..].iter().copied()));
        }
        _ => input.truncate(to),
    }
}
