//! The life of a process once more, with real signals to a real process. What each stage means is tested on the paused
//! clock, in `phases.rs` and beside the code.

mod abandoned;
mod drain;
mod service;
mod startup;
mod stop;
mod under_load;
