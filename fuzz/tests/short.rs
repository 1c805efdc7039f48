//! Seconds of every target. `MIROIR_FUZZ_SECONDS` and `MIROIR_FUZZ_SEED` say how many, and make a run again.

use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use miroir_fuzz::{driver, merge, split};

fn run(target: &str, check: fn(&[u8])) {
    let told = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("a clock");
    let seed = told("MIROIR_FUZZ_SEED").unwrap_or(now.as_millis() as u64);
    let time = Duration::from_secs(told("MIROIR_FUZZ_SECONDS").unwrap_or(3));
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("corpus")
        .join(target);
    let tried = driver::run(&corpus, seed, time, check);
    println!("{target}: {tried} inputs from seed {seed}");
}

#[test]
fn answers_of_any_bytes_are_merged_or_refused() {
    run("merge", merge::check);
}

#[test]
fn answers_of_nodes_are_merged_as_the_reference_does() {
    run("merge_made", merge::check_made);
}

#[test]
fn payloads_of_any_bytes_are_split_as_the_reference_does() {
    run("split", split::check);
}
