//! The outcome for the answers of a Redis.

use redis::{ErrorKind, RedisError, ServerErrorKind};

use super::questions::{Answers, REPLICA};
use crate::checks::shared::outcome_from_error;
use crate::core::model::outcome::Outcome;
use crate::core::model::status::Status;

const READ_ONLY: &str = "read-only replica";
const CLUSTER_DOWN: &str = "cluster is down";

/// Returns the outcome, where a server that rejects writes has the status `without_writes`.
pub(super) fn evaluate(answers: Answers, without_writes: Status) -> Outcome {
    let Answers { ping, role, cluster_failed, write_error } = answers;
    let is_loading = ping.as_ref().is_err_and(|error| error.kind() == ErrorKind::Server(ServerErrorKind::BusyLoading));
    let limited = |outcome: Outcome| match without_writes {
        Status::Up => Outcome::up(),
        status => Outcome { status, ..outcome },
    };
    let outcome = match (ping, write_error) {
        (Err(_), _) if is_loading => Outcome::down("loading"),
        // A server that cannot save responds so to `PING` too, and still serves reads.
        (Err(error), _) if error.code() == Some("MISCONF") => limited(rejected(&error)),
        (Err(error), _) => return failure(&error),
        (Ok(()), _) if cluster_failed => Outcome::down(CLUSTER_DOWN),
        (Ok(()), _) if role == Some(REPLICA) => limited(Outcome::down(READ_ONLY)),
        (Ok(()), Some(error)) => rejected(&error),
        (Ok(()), None) => Outcome::up(),
    };
    let outcome = if let Some(role) = role { outcome.with("role", role) } else { outcome };
    outcome.with("loading", is_loading)
}

/// Returns the outcome for the error response to a write.
fn rejected(error: &RedisError) -> Outcome {
    let reason = match error.code() {
        // Another member of the cluster has the key, or the key is in use for something else.
        Some("MOVED" | "ASK" | "TRYAGAIN" | "CROSSSLOT" | "WRONGTYPE") => return Outcome::up(),
        Some("READONLY") => READ_ONLY,
        Some("OOM") => "out of memory",
        Some("NOREPLICAS") => "too few replicas",
        Some("MISCONF") => "cannot save to disk",
        Some("CLUSTERDOWN") => CLUSTER_DOWN,
        _ => "writes are rejected",
    };
    Outcome::failed_as(reason, error)
}

/// Returns the outcome if there is no response, or an error response to `PING`.
pub(super) fn failure(error: &RedisError) -> Outcome {
    // Without a password the client sends no login, and the error of the first command has a code instead of a kind.
    let is_login = error.kind() == ErrorKind::AuthenticationFailed || matches!(error.code(), Some("WRONGPASS" | "NOAUTH"));
    if is_login { Outcome::failed_as("authentication failed", error) } else { outcome_from_error(error) }
}
