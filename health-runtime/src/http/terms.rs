//! On which terms an endpoint answers: how much it shows and to whom, what it hears, in which format, and what it says to
//! load balancers.

use std::rc::Rc;

use actix_web::dev::ServiceRequest;
use actix_web::guard::Guard;

use super::proxies::Proxies;
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
    pub(super) proxies: Proxies,
}

impl Default for Terms {
    fn default() -> Self {
        let (expose, format, proxies) = (Expose::default(), Format::default(), Proxies::default());
        Self { expose, guarded: Vec::new(), exclude: true, format, proxies }
    }
}

impl Terms {
    /// How much this request may see: what its first guard that lets it pass says, else what all may see.
    pub(super) fn expose(&self, req: &ServiceRequest) -> Expose {
        let guarded = self.guarded.iter().find(|(guard, _)| guard.check(&req.guard_ctx()));
        guarded.map_or(self.expose, |(_, expose)| *expose)
    }

    /// How much somebody may see.
    #[cfg(feature = "openapi")]
    pub(super) fn levels(&self) -> impl Iterator<Item = Expose> {
        self.guarded.iter().map(|(_, expose)| *expose).chain([self.expose])
    }
}
