//! Health checks.
mod context;
mod descriptor;
mod detail;
mod failure;
mod liveness;
mod mask;
mod outcome;
mod policy;
mod status;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;

pub use health_macros::health_check;

pub use liveness::LivenessSafe;
pub use outcome::{Details, IntoOutcome, Outcome};
pub use status::{HealthState, Kind, Scope, Status};
