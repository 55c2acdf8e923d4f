//! The annotated functions of the program, which register themselves before `main`.
//!
//! The attribute generates a [`LinkedCheck`], and the address of a function in the section whose functions the platform's loader
//! calls. That function adds the check to a tree whose nodes are the checks themselves: it must neither allocate nor panic, and
//! each step of a search for the end of a list would count for every check.
//!
//! The crate `inventory` does the same with an `#[allow(…)]` in the code of the application, an error under `#![forbid(…)]`.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::descriptor::Descriptor;

static LINKED_CHECKS: Tree = Tree::new();

struct Tree {
    root: OnceLock<&'static LinkedCheck>,
    count: AtomicUsize,
}

/// An annotated function, as a node of the tree.
pub struct LinkedCheck {
    descriptor: Descriptor,
    even: OnceLock<&'static Self>,
    odd: OnceLock<&'static Self>,
}

impl LinkedCheck {
    /// Creates a node without children.
    pub const fn new(descriptor: Descriptor) -> Self {
        Self { descriptor, even: OnceLock::new(), odd: OnceLock::new() }
    }

    /// Adds the function to those of the program.
    pub fn register(&'static self) {
        LINKED_CHECKS.add(self);
    }
}

/// Returns the annotated functions of the program. Their order differs between build profiles.
pub fn linked_checks() -> Vec<&'static Descriptor> {
    LINKED_CHECKS.descriptors()
}

impl Tree {
    const fn new() -> Self {
        Self { root: OnceLock::new(), count: AtomicUsize::new(0) }
    }

    /// Adds a node. The bits of its number are the path to its place, so that the tree is balanced.
    fn add(&self, check: &'static LinkedCheck) {
        let mut path = self.count.fetch_add(1, Ordering::Relaxed);
        let mut place = &self.root;
        while place.set(check).is_err() {
            let Some(taken) = place.get() else { return };
            place = if path.is_multiple_of(2) { &taken.even } else { &taken.odd };
            path /= 2;
        }
    }

    fn descriptors(&self) -> Vec<&'static Descriptor> {
        let mut found = Vec::new();
        let mut pending: Vec<&'static LinkedCheck> = self.root.get().copied().into_iter().collect();
        while let Some(check) = pending.pop() {
            found.push(&check.descriptor);
            pending.extend([&check.even, &check.odd].into_iter().filter_map(OnceLock::get));
        }
        found
    }
}

/// Emits the constant that holds the generated code. The message about a `const _` inside an `impl` shows the path of this macro,
/// whose name in [`__private`](crate::__private) is the remedy.
#[doc(hidden)]
#[macro_export]
macro_rules! __outside_an_impl {
    ($(#[$attribute:meta])* { $($code:tt)* }) => {
        $(#[$attribute])*
        const _: () = { $($code)* };
    };
}

/// Registers a descriptor. No lint of the application, such as `unsafe_code`, applies, since every token is of this crate.
#[doc(hidden)]
#[macro_export]
macro_rules! __register_check {
    ($descriptor:expr) => {
        const _: () = {
            static CHECK: $crate::__private::LinkedCheck = $crate::__private::LinkedCheck::new($descriptor);

            extern "C" fn register() {
                CHECK.register();
            }

            #[used]
            #[cfg_attr(target_vendor = "apple", unsafe(link_section = "__DATA,__mod_init_func,mod_init_funcs"))]
            #[cfg_attr(windows, unsafe(link_section = ".CRT$XCU"))]
            #[cfg_attr(not(any(target_vendor = "apple", windows)), unsafe(link_section = ".init_array"))]
            static REGISTER: extern "C" fn() = register;
        };
    };
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::core::model::status::Kind;
    use crate::core::registry::descriptor::{CheckFn, SourceLocation};

    static TREE: Tree = Tree::new();

    fn add(name: String) {
        let location = SourceLocation { file: file!(), line: line!(), column: 1, module: module_path!(), under_test: true };
        let descriptor = Descriptor::new(name.leak(), &[Kind::Readiness], location, CheckFn::Blocking(|_| None));
        TREE.add(Box::leak(Box::new(LinkedCheck::new(descriptor))));
    }

    #[test]
    fn every_check_is_found_once_whichever_threads_add_it() {
        std::thread::scope(|scope| {
            for thread in 0..4 {
                scope.spawn(move || (0..250).for_each(|index| add(format!("{thread}-{index}"))));
            }
        });
        let names: Vec<&str> = TREE.descriptors().iter().map(|descriptor| descriptor.name).collect();
        assert_eq!(names.len(), 1000);
        assert_eq!(names.into_iter().collect::<BTreeSet<_>>().len(), 1000);
    }
}
