//! Writes pictures of the page, as PNG, into a folder: healthy, degraded and unhealthy, with 3 and with 60 checks, on a
//! phone and on a desk, light and dark. With names after the folder, only those. Besides a browser it needs Debian's
//! `pngquant`, which reduces their size; with `fonts-noto-core` they look like the committed ones.
//!
//! ```sh
//! cargo run -p health-tests --example screenshots -- examples/screenshots
//! ```
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "errors end this program")]

use std::path::Path;
use std::process::Command;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use health_tests::browser::Browser;
use scenes::{SCENES, simulated};
use serde_json::json;

#[path = "../page/scenes.rs"]
mod scenes;

/// The width and height of a window in CSS pixels.
const WINDOWS: [(&str, u32, u32); 2] = [("phone", 360, 740), ("desk", 1280, 800)];

/// A part of a file name, and a script that runs in the page before.
const VIEWS: [(&str, &str); 2] = [("", ""), ("-more", "document.querySelector('details').open = true")];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (folder, wanted) = arguments.split_first().expect("a folder, and names of pictures or none");
    let browser = Browser::start();
    for (scene, state) in SCENES {
        for checks in [3, 60] {
            let server = simulated(scene, checks);
            for (window, width, height) in WINDOWS {
                for scheme in ["light", "dark"] {
                    for (view, script) in VIEWS {
                        let name = format!("{state}-{checks}-{window}-{scheme}{view}.png");
                        if if wanted.is_empty() { view.is_empty() } else { wanted.contains(&name) } {
                            browser.resize(width, height);
                            browser.prefer(scheme);
                            browser.open(&format!("http://{}/readyz", server.address()));
                            browser.run(script);
                            take(&browser, &Path::new(folder).join(name));
                        }
                    }
                }
            }
        }
    }
}

fn take(browser: &Browser, file: &Path) {
    let picture = browser.devtools("Page.captureScreenshot", &json!({ "format": "png" }));
    std::fs::write(file, BASE64_STANDARD.decode(picture["data"].as_str().unwrap()).unwrap()).unwrap();
    let made_small = Command::new("pngquant").args(["--force", "--speed=1", "--strip", "--ext=.png", "48"]).arg(file).status();
    let made_small = made_small.expect("there is no `pngquant` on the PATH; install Debian's package `pngquant`");
    assert!(made_small.success(), "{made_small}");
    println!("{}: {} bytes", file.display(), std::fs::metadata(file).unwrap().len());
}
