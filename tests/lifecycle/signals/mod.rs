//! Real signals to a real process. The meaning of each phase is tested on the paused clock in `phases.rs` and in the unit
//! tests.

mod abandoned;
mod broken_log;
mod drain;
mod service;
mod startup;
mod stop;
mod under_load;
