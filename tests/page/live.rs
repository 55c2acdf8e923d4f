//! A running service whose check a test switches, and a browser that shows its page.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpResponse, guard};
use health_runtime::{Check, Expose, Health, Outcome};
use health_tests::browser::Browser;
use health_tests::checks::builder;
use health_tests::server::Server;
use health_tests::until;
use serde_json::Value;
use tokio::time::sleep;

/// The page refreshes every five seconds. A busy machine needs longer.
pub(crate) const SOON: Duration = Duration::from_mins(2);

/// The switches of a test.
#[derive(Debug, Clone, Default)]
pub(crate) struct Switches {
    /// `shard-20` fails.
    pub(crate) broken: Arc<AtomicBool>,
    /// A proxy in front of the service returns 502.
    pub(crate) gone: Arc<AtomicBool>,
    /// The expose level is `Status`.
    pub(crate) closed: Arc<AtomicBool>,
}

pub(crate) fn set(flag: &AtomicBool, to: bool) {
    flag.store(to, Ordering::SeqCst);
}

/// Starts a service with forty checks, more than fit on a screen.
pub(crate) fn service(switches: &Switches) -> Server {
    let Switches { broken, gone, closed } = switches.clone();
    Server::start(move || {
        let health = checks(&broken);
        move |config: &mut ServiceConfig| {
            let (gone, closed) = (Arc::clone(&gone), Arc::clone(&closed));
            let is_gone = guard::fn_guard(move |_| gone.load(Ordering::SeqCst));
            let proxy = || async { HttpResponse::BadGateway().content_type("text/html").body("<h1>Bad Gateway</h1>") };
            config.service(web::resource("/readyz").guard(is_gone).to(proxy));
            config.service(health.service().expose_when(move |_| closed.load(Ordering::SeqCst), Expose::Status));
        }
    })
}

fn checks(broken: &Arc<AtomicBool>) -> Health {
    let check = |number: u32| {
        let broken = Arc::clone(broken);
        let run = move || {
            let fails = number == 20 && broken.load(Ordering::SeqCst);
            async move {
                sleep(Duration::from_millis(1)).await;
                if fails { Outcome::down("out of order") } else { Outcome::up() }
            }
        };
        Check::readiness(format!("shard-{number}"), run).description("One of forty.")
    };
    builder((10..50).map(check)).version("1.4.2").start().unwrap()
}

pub(crate) fn open(browser: &Browser, server: &Server, path: &str) {
    browser.open(&format!("http://{}{path}", server.address()));
}

/// Waits until an expression is true in the page.
pub(crate) fn wait_for(browser: &Browser, expression: &str) {
    until(SOON, expression, || (browser.run(&format!("return Boolean({expression})")) == true).then_some(()));
}

/// Makes the page refresh now, as it does when its tab becomes visible.
pub(crate) fn come_back(browser: &Browser) {
    browser.run("document.dispatchEvent(new Event('visibilitychange'))");
}

/// Returns the visible text of an element, without empty lines.
pub(crate) fn text(browser: &Browser, selector: &str) -> String {
    let script = format!("return document.querySelector({}).innerText", Value::from(selector));
    browser.run(&script).as_str().unwrap_or_else(|| panic!("no text: {selector}")).replace("\n\n", "\n")
}

/// Returns the errors of the console, without those about a 503 response.
pub(crate) fn console_errors(browser: &Browser) -> Vec<String> {
    let is_code = |line: &Value| {
        let text = line["message"].as_str().unwrap_or_default();
        line["source"] == "network" && text.contains("/readyz") && text.contains("status of 503")
    };
    browser.log("browser").iter().filter(|line| !is_code(line)).map(ToString::to_string).collect()
}

/// Returns the URLs of all requests of the page since the last call.
pub(crate) fn requests(browser: &Browser) -> Vec<String> {
    let events = browser.log("performance");
    let events = events.iter().filter_map(|line| serde_json::from_str::<Value>(line["message"].as_str()?).ok());
    let sent = events.filter(|event| event["message"]["method"] == "Network.requestWillBeSent");
    sent.filter_map(|event| Some(event["message"]["params"]["request"]["url"].as_str()?.to_owned())).collect()
}
