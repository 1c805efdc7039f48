use milli_core as milli;
fn main() { println!("{:?}", milli::Search::new as *const () as usize); }
