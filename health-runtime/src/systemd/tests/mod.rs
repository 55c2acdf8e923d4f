//! What a manager hears, and when.

mod fake;
mod look;
mod watchdog;
