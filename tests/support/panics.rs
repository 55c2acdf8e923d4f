//! Panics in the process of a test: those on threads of a server are counted, and those that a test expects are not printed.

use std::collections::BTreeSet;
use std::panic::{set_hook, take_hook};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, Once, PoisonError};
use std::thread;

static COUNT: AtomicUsize = AtomicUsize::new(0);
static EXPECTED: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// Counts the panics on threads of a server from now on.
pub fn watch() {
    // A process has one hook, which several tests may need at once.
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = take_hook();
        set_hook(Box::new(move |info| {
            if info.payload_as_str().is_some_and(|message| expected().contains(message)) {
                return;
            }
            if is_server_thread() {
                COUNT.fetch_add(1, Ordering::SeqCst);
            }
            before(info);
        }));
    });
}

/// Neither prints nor counts panics with exactly this message.
pub fn expect(message: impl Into<String>) {
    watch();
    expected().insert(message.into());
}

/// Returns how many panics there were on threads of a server.
#[must_use]
pub fn count() -> usize {
    COUNT.load(Ordering::SeqCst)
}

fn expected() -> MutexGuard<'static, BTreeSet<String>> {
    EXPECTED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The threads of tests are named after them, and their panics are failed assertions. Those of actix-web, of [`Server`]
/// and of checks are not.
///
/// [`Server`]: crate::server::Server
fn is_server_thread() -> bool {
    let current = thread::current();
    current.name().is_none_or(|name| ["actix", "tokio", "health", crate::server::THREAD].iter().any(|own| name.starts_with(own)))
}
