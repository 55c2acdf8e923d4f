//! Calls that are tasks on the paused clock, and calls that are threads.

mod tasks;
#[cfg(any(feature = "disk", feature = "file_descriptors", feature = "tls"))]
mod threads;
