//! Calls that are tasks on the paused clock, and calls that are threads.

mod tasks;
mod threads;
