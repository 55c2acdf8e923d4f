//! A headless Chromium, controlled with Debian's chromedriver in the `WebDriver` protocol.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::time::Duration;

use serde_json::{Value, json};

use crate::folder::Folder;
use crate::http::Connection;
use crate::installed::program;
use crate::program::Program;

/// How long a browser may take to start, on a machine that is busy with other tests.
const START: Duration = Duration::from_mins(3);

/// It connects only to the host of the page, writes into one folder, and also runs as root in a container.
const FLAGS: [&str; 11] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    // The browser ends with the driver.
    "--remote-debugging-pipe",
];

/// A browser with one tab. It is closed when this is dropped.
#[derive(Debug)]
pub struct Browser {
    address: SocketAddr,
    session: String,
    // In this order: the folder is removed after its writers have ended.
    _driver: Program,
    _folder: Folder,
}

impl Browser {
    /// Starts one.
    #[must_use]
    pub fn start() -> Self {
        let chromium = program("chromium", "Chromium", "chromium");
        let mut chromedriver = program("chromedriver", "Chromium's driver", "chromium-driver");
        let folder = Folder::new();
        let mut driver = Program::start(chromedriver.arg("--port=0").env("HOME", folder.path()));
        let port = driver.line(START, "chromedriver prints its port", |line| {
            line.strip_prefix("ChromeDriver was started successfully on port ")?.trim_end_matches('.').parse().ok()
        });
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        let data = format!("--user-data-dir={}", folder.path().join("profile").display());
        let flags: Vec<&str> = FLAGS.into_iter().chain([data.as_str()]).collect();
        let wanted = json!({"capabilities": {"alwaysMatch": {
            "goog:chromeOptions": {"args": flags, "binary": chromium.get_program().to_string_lossy()},
            "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
            "timeouts": {"script": 60_000},
        }}});
        let made = call(address, "POST", "/session", &wanted);
        let session = made["sessionId"].as_str().unwrap_or_else(|| panic!("no session: {made}")).to_owned();
        let browser = Self { address, session, _driver: driver, _folder: folder };
        // It starts with another page.
        browser.open("about:blank");
        for log in ["browser", "performance"] {
            drop(browser.log(log));
        }
        browser
    }

    /// Opens an address and waits until the page is loaded.
    pub fn open(&self, url: &str) {
        self.command_session("url", &json!({ "url": url }));
    }

    /// Runs a script in the page, as the body of a function, and returns its result, also that of a promise.
    /// to.
    pub fn run(&self, script: &str) -> Value {
        self.command_session("execute/sync", &json!({ "script": script, "args": [] }))
    }

    /// Sends a command of Chromium's protocol.
    pub fn devtools(&self, command: &str, parameters: &Value) -> Value {
        self.command_session("goog/cdp/execute", &json!({ "cmd": command, "params": parameters }))
    }

    /// Returns the new lines of the log `browser`, which is the console, or `performance`, which has
    /// every request.
    #[must_use]
    pub fn log(&self, which: &str) -> Vec<Value> {
        let lines = self.command_session("se/log", &json!({ "type": which }));
        lines.as_array().cloned().unwrap_or_else(|| panic!("no list of lines: {lines}"))
    }

    /// Sets the inner size of the window in CSS pixels, at a scale of one.
    pub fn resize(&self, width: u32, height: u32) {
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.devtools("Emulation.setDeviceMetricsOverride", &size);
    }

    /// Sets the preferred colour scheme: `light` or `dark`.
    pub fn prefer(&self, scheme: &str) {
        let features = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        self.devtools("Emulation.setEmulatedMedia", &features);
    }

    /// Presses and releases a key, by its name and its character.
    pub fn press(&self, key: &str, character: char) {
        for kind in ["keyDown", "keyUp"] {
            let mut event = json!({ "type": kind, "key": key, "code": key, "windowsVirtualKeyCode": u32::from(character) });
            if kind == "keyDown" {
                event["text"] = character.to_string().into();
            }
            self.devtools("Input.dispatchKeyEvent", &event);
        }
    }

    fn command_session(&self, what: &str, parameters: &Value) -> Value {
        call(self.address, "POST", &format!("/session/{}/{what}", self.session), parameters)
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Not `call`, which panics: this may run while a test fails.
        let _closed = send(self.address, "DELETE", &format!("/session/{}", self.session), "");
    }
}

fn call(address: SocketAddr, method: &str, path: &str, body: &Value) -> Value {
    let (status, response) = send(address, method, path, &body.to_string()).unwrap_or_else(|error| panic!("{path}: {error}"));
    assert_eq!(status, 200, "{path}: {response}");
    response["value"].clone()
}

fn send(address: SocketAddr, method: &str, path: &str, body: &str) -> std::io::Result<(u16, Value)> {
    let mut request = format!("{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n");
    let _infallible = write!(request, "Content-Length: {}\r\n\r\n{body}", body.len());
    let mut connection = Connection::open(address)?;
    connection.patient(START)?;
    connection.send(request.as_bytes())?;
    let response = connection.response()?;
    Ok((response.status, response.json()))
}
