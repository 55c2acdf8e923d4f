//! What a manager hears, and when.

mod fake;
mod status_loop;
mod watchdog;
