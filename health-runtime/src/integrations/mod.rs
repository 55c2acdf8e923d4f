//! Other systems that read or control the health of a process.

mod check_command;
#[cfg(feature = "kubernetes")]
pub mod kubernetes;
#[cfg(feature = "openapi")]
pub mod openapi;
pub(crate) mod peers;
pub(crate) mod probe_client;
#[cfg(feature = "systemd")]
pub mod systemd;
