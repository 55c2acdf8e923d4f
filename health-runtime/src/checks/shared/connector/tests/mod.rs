//! Connections on a paused clock, and to names with several addresses.

mod kept_connection;
mod staggered;
