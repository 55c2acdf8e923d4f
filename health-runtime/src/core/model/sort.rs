//! Sorts lists with one instance of the standard library's sort: each more is 10 kB of the program.

use std::cmp::Ordering;

/// Sorts a list. Equal items keep their order.
pub(crate) fn sort_by<T>(items: &mut Vec<T>, compare: impl Fn(&T, &T) -> Ordering) {
    if items.len() < 2 {
        return;
    }
    let order = sorted_indexes(items.len(), &|a, b| match (items.get(a), items.get(b)) {
        (Some(a), Some(b)) => compare(a, b),
        (_, _) => Ordering::Equal,
    });
    let mut unsorted: Vec<Option<T>> = items.drain(..).map(Some).collect();
    items.extend(order.into_iter().filter_map(|index| unsorted.get_mut(index)?.take()));
}

/// Sorts a list, and keeps the first of equal items.
pub(crate) fn sort_and_dedup<T: Ord>(items: &mut Vec<T>) {
    sort_by(items, T::cmp);
    items.dedup();
}

fn sorted_indexes(count: usize, compare: &dyn Fn(usize, usize) -> Ordering) -> Vec<usize> {
    let mut indexes: Vec<usize> = (0..count).collect();
    indexes.sort_by(|a, b| compare(*a, *b));
    indexes
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn lists_are_sorted_as_the_standard_library_does(items: Vec<(u8, u8)>) {
            let (mut sorted, mut expected) = (items.clone(), items.clone());
            sort_by(&mut sorted, |a, b| a.0.cmp(&b.0));
            expected.sort_by_key(|item| item.0);
            proptest::prop_assert_eq!(&sorted, &expected, "equal items keep their order");
            let mut unique = items.clone();
            sort_and_dedup(&mut unique);
            proptest::prop_assert_eq!(unique, std::collections::BTreeSet::from_iter(items).into_iter().collect::<Vec<_>>());
        }
    }
}
