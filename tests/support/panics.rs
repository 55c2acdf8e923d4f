//! Counts the panics of a server that runs in the test's own process.

use std::panic::{set_hook, take_hook};
use std::sync::Once;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

static COUNT: AtomicUsize = AtomicUsize::new(0);
static HOOK: Once = Once::new();

/// Counts from now on, once however often it is called. The hook that was there still prints.
pub fn watch() {
    HOOK.call_once(|| {
        let before = take_hook();
        set_hook(Box::new(move |info| {
            if is_servers() {
                COUNT.fetch_add(1, Ordering::SeqCst);
            }
            before(info);
        }));
    });
}

/// Prints no panic whose message has this in it: those that a test wants. All others are printed as before.
pub fn hide(wanted: &'static str) {
    let before = take_hook();
    set_hook(Box::new(move |info| {
        if !info.to_string().contains(wanted) {
            before(info);
        }
    }));
}

/// How many panics there were on threads of a server.
#[must_use]
pub fn count() -> usize {
    COUNT.load(Ordering::SeqCst)
}

/// The threads of tests are named after them, and their panics are failed assertions. Those of actix-web, of [`Server`]
/// and of checks are not.
///
/// [`Server`]: crate::server::Server
fn is_servers() -> bool {
    let current = thread::current();
    current.name().is_none_or(|name| ["actix", "tokio", "health", crate::server::THREAD].iter().any(|own| name.starts_with(own)))
}

#[cfg(test)]
mod tests {
    use actix_web::HttpResponse;
    use actix_web::web::{self, ServiceConfig};

    use crate::{http, panics, server::Server};

    #[test]
    fn a_panic_of_a_worker_is_counted() {
        panics::watch();
        let server = Server::start(|| {
            |config: &mut ServiceConfig| {
                config.route("/", web::to(fail));
            }
        });
        assert!(http::get(server.address(), "/").is_err());
        assert_eq!(panics::count(), 1);
    }

    async fn fail() -> HttpResponse {
        panic!("on purpose")
    }
}
