//! The copies of a check whose crate is linked twice.

use super::arguments;
use super::descriptor::Descriptor;
use super::state::StateValues;
use crate::core::model::sort::sort_by;

/// Returns the descriptors sorted by name, without copies.
///
/// A crate under test with a dev-dependency that depends on it is linked twice, each time with its own types and once with
/// `cfg(test)`. The copy whose state is registered counts, by default the one under test. All other descriptors are of different
/// functions, even if one macro creates them at one place with one name.
pub(super) fn without_copies(mut descriptors: Vec<&'static Descriptor>, values: &StateValues) -> Vec<&'static Descriptor> {
    let place = |descriptor: &Descriptor| {
        let location = &descriptor.location;
        (descriptor.name, location.module, location.file, location.line, location.column)
    };
    sort_by(&mut descriptors, |a, b| place(a).cmp(&place(b)));
    let copies = descriptors.chunk_by(|a, b| place(a) == place(b));
    copies.flat_map(|copies| choose_copy(copies, values)).collect()
}

fn choose_copy<'d>(copies: &[&'d Descriptor], values: &StateValues) -> Vec<&'d Descriptor> {
    let (under_test, others): (Vec<_>, Vec<_>) = copies.iter().partition(|descriptor| descriptor.location.under_test);
    let lacks_state =
        |copy: &[&Descriptor]| copy.iter().any(|descriptor| !arguments::validate(descriptor, values).problems.is_empty());
    let takes_others = under_test.is_empty() || lacks_state(&under_test) && !others.is_empty() && !lacks_state(&others);
    if takes_others { others } else { under_test }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::model::status::Kind;
    use crate::core::registry::descriptor::{CheckFn, SourceLocation};
    use crate::core::registry::resolver::ArgumentResolver;
    use crate::core::registry::state::StateMap;

    type Run = for<'c> fn(&mut ArgumentResolver<'c>) -> Option<crate::Outcome>;

    fn takes<T: Send + Sync + 'static>(resolver: &mut ArgumentResolver<'_>) -> Option<crate::Outcome> {
        resolver.argument::<&T>("&T");
        None
    }

    fn descriptor(column: u32, under_test: bool, run: Run) -> &'static Descriptor {
        let location = SourceLocation { file: "lib.rs", line: 1, column, module: "its_crate", under_test };
        Box::leak(Box::new(Descriptor::new("check", &[Kind::Readiness], location, CheckFn::Blocking(run))))
    }

    fn found(descriptors: &[&'static Descriptor]) -> Vec<&'static Descriptor> {
        let mut values = StateMap::default();
        assert!(values.insert_unnamed(std::sync::Arc::new(1_u8)));
        without_copies(descriptors.to_vec(), &StateValues(values))
    }

    #[test]
    fn the_copy_whose_state_is_registered_counts() {
        for (of_test, of_other, expected) in [
            (takes::<u8> as Run, takes::<u8> as Run, 0),
            (takes::<u8>, takes::<u16>, 0),
            (takes::<u16>, takes::<u8>, 1),
            (takes::<u16>, takes::<u16>, 0),
        ] {
            let copies = [descriptor(1, true, of_test), descriptor(1, false, of_other)];
            for order in [copies, [copies[1], copies[0]]] {
                let [found] = found(&order)[..] else { panic!("both copies count") };
                assert!(std::ptr::eq(found, copies[expected]));
            }
        }
    }

    #[test]
    fn two_functions_of_one_macro_are_two_checks() {
        let [a, b] = [true, false].map(|under_test| descriptor(1, under_test, takes::<u8>));
        let [c, d] = [true, false].map(|under_test| descriptor(1, under_test, takes::<u8>));
        for (linked, expected) in [(&[b, d][..], 2), (&[a, c], 2), (&[a, b, c, d], 2), (&[a, b], 1), (&[a], 1), (&[b], 1)] {
            assert_eq!(found(linked).len(), expected);
        }
        assert_eq!(found(&[a, b, descriptor(2, true, takes::<u8>)]).len(), 2, "another place");
    }
}
