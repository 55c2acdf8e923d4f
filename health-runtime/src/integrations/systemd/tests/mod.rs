//! The messages that a service manager receives, and when.

mod fake_manager;
mod status_loop;
mod watchdog;
