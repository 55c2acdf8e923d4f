//! The answer that a worker gave last, for as long as it is the one that would be made anew.

use std::cell::RefCell;

use actix_web::http::StatusCode;
use actix_web::web::Bytes;

use crate::probe::{Core, Lease};

/// A code and a body.
#[derive(Debug, Clone)]
pub(super) struct Rendered {
    pub(super) code: StatusCode,
    pub(super) body: Bytes,
}

/// One worker's last answer. Only its own thread ever looks at it.
#[derive(Default)]
pub(super) struct Prepared(RefCell<Option<(Lease, Rendered)>>);

impl Prepared {
    /// What there is to say without running, reading or rendering anything.
    pub(super) fn get(&self, core: &Core) -> Option<Rendered> {
        let held = self.0.try_borrow().ok()?;
        held.as_ref().filter(|(lease, _)| core.holds(lease)).map(|(_, rendered)| rendered.clone())
    }

    pub(super) fn put(&self, lease: Option<Lease>, rendered: &Rendered) {
        if let (Some(lease), Ok(mut held)) = (lease, self.0.try_borrow_mut()) {
            *held = Some((lease, rendered.clone()));
        }
    }
}
