//! The answers that a worker gave last, each for as long as it is the one that would be made anew.

use std::cell::RefCell;

use actix_web::http::StatusCode;
use actix_web::web::Bytes;

use crate::core::health_inner::{CacheValidity, HealthInner};
use crate::core::report::view::Expose;
use crate::http::format::Format;

/// A code, a body, and what a header says of it.
#[derive(Debug, Clone)]
pub(crate) struct Rendered {
    pub(crate) code: StatusCode,
    pub(crate) format: Format,
    pub(crate) body: Bytes,
    /// Envoy is told that it is degraded.
    pub(crate) degraded: bool,
}

/// One worker's last answers of one endpoint, at most one for each way to look at it. Only its own thread ever looks.
#[derive(Default)]
pub(crate) struct Prepared(RefCell<Vec<Held>>);

struct Held {
    expose: Expose,
    lease: CacheValidity,
    rendered: Rendered,
}

impl Prepared {
    /// What there is to say without running, reading or rendering anything.
    pub(crate) fn get(&self, inner: &HealthInner, expose: Expose, format: Format) -> Option<Rendered> {
        let held = self.0.try_borrow().ok()?;
        let held = held.iter().find(|held| held.expose == expose && held.rendered.format == format)?;
        inner.is_valid(&held.lease).then(|| held.rendered.clone())
    }

    pub(crate) fn put(&self, lease: Option<CacheValidity>, expose: Expose, rendered: &Rendered) {
        if let (Some(lease), Ok(mut held)) = (lease, self.0.try_borrow_mut()) {
            held.retain(|held| held.expose != expose || held.rendered.format != rendered.format);
            held.push(Held { expose, lease, rendered: rendered.clone() });
        }
    }
}
