//! Changes of the table of names, as a pure function of the table: what a rename or a swap makes of it.

use std::collections::BTreeMap;

use uuid::Uuid;

use crate::error::{ApiError, codes};
use crate::tasks::Swap;

type Names = BTreeMap<String, Uuid>;

/// Gives an index another name; refused when it is not there or the name is taken.
pub fn rename(names: &mut Names, old: &str, new: &str) -> Result<(), ApiError> {
    if !names.contains_key(old) {
        return Err(ApiError::index_not_found(old));
    }
    if names.contains_key(new) {
        return Err(already_exists(new));
    }
    if let Some(directory) = names.remove(old) {
        names.insert(new.to_owned(), directory);
    }
    Ok(())
}

/// Exchanges (or renames) pairs of indexes, all of them or none.
pub fn swap(names: &mut Names, swaps: &[Swap]) -> Result<(), ApiError> {
    missing(names, swaps)?;
    for Swap {
        indexes: (left, right),
        rename: renaming,
    } in swaps
    {
        if *renaming {
            rename(names, left, right)?;
        } else if let (Some(a), Some(b)) = (names.get(left).copied(), names.get(right).copied()) {
            names.insert(left.clone(), b);
            names.insert(right.clone(), a);
        }
    }
    Ok(())
}

fn missing(names: &Names, swaps: &[Swap]) -> Result<(), ApiError> {
    let wanted = swaps.iter().flat_map(|swap| {
        let right = (!swap.rename).then_some(&swap.indexes.1);
        std::iter::once(&swap.indexes.0).chain(right)
    });
    let lost: Vec<&String> = wanted.filter(|uid| !names.contains_key(*uid)).collect();
    match lost.as_slice() {
        [] => Ok(()),
        [one] => Err(ApiError::index_not_found(one)),
        many => {
            let list = many
                .iter()
                .map(|uid| format!("`{uid}`"))
                .collect::<Vec<_>>()
                .join(", ");
            Err(ApiError::new(
                codes::INDEX_NOT_FOUND,
                format!("Indexes {list} not found."),
            ))
        }
    }
}

pub fn already_exists(uid: &str) -> ApiError {
    ApiError::new(
        codes::INDEX_ALREADY_EXISTS,
        format!("Index `{uid}` already exists."),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(list: &[(&str, u128)]) -> Names {
        list.iter()
            .map(|(uid, number)| ((*uid).to_owned(), Uuid::from_u128(*number)))
            .collect()
    }

    fn pair(left: &str, right: &str, rename: bool) -> Swap {
        Swap {
            indexes: (left.to_owned(), right.to_owned()),
            rename,
        }
    }

    #[test]
    fn only_the_first_of_two_renames_wins() {
        let mut table = names(&[("a", 1)]);
        rename(&mut table, "a", "b").unwrap();
        assert_eq!(
            rename(&mut table, "a", "c").unwrap_err().code.name,
            "index_not_found"
        );
        assert_eq!(table, names(&[("b", 1)]));
    }

    #[test]
    fn a_taken_name_refuses_the_rename() {
        let mut table = names(&[("a", 1), ("b", 2)]);
        assert_eq!(
            rename(&mut table, "a", "b").unwrap_err().code.name,
            "index_already_exists"
        );
        assert_eq!(table, names(&[("a", 1), ("b", 2)]));
    }

    #[test]
    fn a_swap_exchanges_and_names_all_missing_indexes() {
        let mut table = names(&[("a", 1), ("b", 2)]);
        swap(&mut table, &[pair("a", "b", false)]).unwrap();
        assert_eq!(table, names(&[("a", 2), ("b", 1)]));
        let error = swap(&mut table, &[pair("x", "y", false)]).unwrap_err();
        assert_eq!(error.message, "Indexes `x`, `y` not found.");
    }
}
