//! Numbers as text that no search can find: octal digits drawn from characters that the engine treats as separators,
//! and that hardly anybody declares to be none (`#`, `@`, `&`, `+`, `/` are such declared ones). They are in byte order,
//! so that texts of one width order like their numbers. Pinned by fixtures.

/// The eight digits, in byte order.
pub const DIGITS: &[u8; 8] = b"(),:;?[]";
const BITS: usize = 3;
/// Digits of a shard number.
pub const SHARD_WIDTH: usize = 4;
/// Digits of a sequence number.
pub const SEQUENCE_WIDTH: usize = 16;
/// One more than the largest sequence number.
pub const SEQUENCES: u64 = 1 << (BITS * SEQUENCE_WIDTH);

const fn values() -> [u8; 256] {
    let mut table = [u8::MAX; 256];
    let mut value = 0;
    while value < DIGITS.len() {
        table[DIGITS[value] as usize] = value as u8;
        value += 1;
    }
    table
}

const VALUES: [u8; 256] = values();

/// The low `WIDTH` digits of `number`.
pub fn encode<const WIDTH: usize>(number: u64) -> [u8; WIDTH] {
    let mut text = [DIGITS[0]; WIDTH];
    for (place, digit) in text.iter_mut().rev().enumerate() {
        *digit = DIGITS[(number >> (BITS * place) & 7) as usize];
    }
    text
}

/// The number that a text of digits stands for; None when it holds anything else.
pub fn decode(text: &[u8]) -> Option<u64> {
    text.iter()
        .try_fold(0u64, |number, &digit| match VALUES[digit as usize] {
            u8::MAX => None,
            value => Some(number << BITS | u64::from(value)),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decoding_gives_back_what_was_encoded() {
        for number in [0, 1, 7, 8, 4095, SEQUENCES - 1] {
            assert_eq!(decode(&encode::<SEQUENCE_WIDTH>(number)), Some(number));
        }
        assert_eq!(decode(b"((a"), None);
    }

    #[test]
    fn texts_order_like_their_numbers() {
        let texts: Vec<_> = (0..4096).map(encode::<SHARD_WIDTH>).collect();
        assert!(texts.is_sorted() && texts.windows(2).all(|pair| pair[0] != pair[1]));
    }
}
