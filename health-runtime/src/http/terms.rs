//! On which terms an endpoint answers: how much it shows and to whom, what it hears, and in which format.

use std::rc::Rc;

use actix_web::dev::ServiceRequest;
use actix_web::guard::Guard;

use crate::format::Format;
use crate::view::Expose;

#[derive(Clone)]
pub(super) struct Terms {
    pub(super) expose: Expose,
    /// For requests that pass a guard, in the order in which they were given.
    pub(super) guarded: Vec<(Rc<dyn Guard>, Expose)>,
    /// Whether `?exclude=` is heard.
    pub(super) exclude: bool,
    pub(super) format: Format,
}

impl Default for Terms {
    fn default() -> Self {
        Self { expose: Expose::default(), guarded: Vec::new(), exclude: true, format: Format::default() }
    }
}

impl Terms {
    /// How much this request may see: what its first guard that lets it pass says, else what all may see.
    pub(super) fn expose(&self, req: &ServiceRequest) -> Expose {
        let guarded = self.guarded.iter().find(|(guard, _)| guard.check(&req.guard_ctx()));
        guarded.map_or(self.expose, |(_, expose)| *expose)
    }
}
