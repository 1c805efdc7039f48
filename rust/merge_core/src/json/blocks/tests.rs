//! The block scanner against a plain one, byte by byte.

use super::*;

fn texts(input: &str) -> Result<Vec<String>, Flaw> {
    let (found, end) = Elements::read(input.as_bytes(), 0)?;
    assert!(end <= input.len());
    Ok(found
        .elements
        .iter()
        .map(|hit| input[hit.start as usize..hit.end as usize].to_owned())
        .collect())
}

#[test]
fn strings_hide_brackets_wherever_they_fall_in_a_block() {
    for shift in 0..130 {
        for backslashes in 0..9 {
            let string = format!(
                "{}{}{}",
                " ".repeat(shift),
                "\\\\".repeat(backslashes),
                "\\\"}]{["
            );
            let hit = format!("{{\"a\":\"{string}\",\"b\":[{{}},[1]],\"c\":{{\"d\":1}}}}");
            let input = format!("[{hit} , {hit}]}}");
            assert_eq!(texts(&input), Ok(vec![hit.clone(), hit.clone()]));
            let (found, end) = Elements::read(input.as_bytes(), 0).unwrap();
            assert_eq!(end, input.len() - 1);
            let nested = found.nested(&found.elements[1]);
            let shown: Vec<_> = nested
                .iter()
                .map(|(from, to)| &input[*from as usize..*to as usize])
                .collect();
            assert_eq!(shown, ["[{},[1]]", "{\"d\":1}"]);
        }
    }
}

#[test]
fn what_is_no_array_of_objects_is_refused() {
    for input in [
        "[1]",
        "[{} {}]",
        "[{},]",
        "[,{}]",
        "[[]]",
        "[{]",
        "[{}",
        "[",
        "[}",
        "[{\"a\":[}]}]",
        "[{},1,{}]",
    ] {
        assert!(texts(input).is_err(), "{input}");
    }
    assert_eq!(texts("[ ]"), Ok(vec![]));
}

#[test]
fn deep_nesting_is_no_trouble() {
    let hit = format!("{{\"a\":{}{}}}", "[".repeat(500), "]".repeat(500));
    assert_eq!(texts(&format!("[{hit}]")), Ok(vec![hit]));
}

#[test]
fn both_ways_to_find_characters_agree() {
    let mut block = [0u8; 64];
    for seed in 0..2000u64 {
        for (place, byte) in block.iter_mut().enumerate() {
            *byte = b"\"\\{}[];:+-aA\x02\xfb\xdb"
                [(seed.wrapping_mul(0x9E37_79B9) as usize + place * 7 + place * place) % 15];
        }
        let (fast, plain) = (Masks::of(&block), Masks::portable(&block));
        assert_eq!(
            (fast.quotes, fast.backslashes, fast.opens, fast.closes),
            (plain.quotes, plain.backslashes, plain.opens, plain.closes)
        );
    }
}
