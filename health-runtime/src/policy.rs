//! What holds for the runs of one check.

use std::time::Duration;

/// One run is cut off here unless the check says otherwise.
pub(crate) const DEFAULT_TIMEOUT: Duration = Duration::from_millis(750);

/// A result answers every probe for this long unless the check says otherwise.
pub(crate) const DEFAULT_CACHE: Duration = Duration::from_secs(1);
