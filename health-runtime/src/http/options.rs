//! On which terms an endpoint answers: how much it shows and to whom, what it hears, in which format, and what it says to
//! load balancers.

use std::rc::Rc;

use actix_web::dev::ServiceRequest;
use actix_web::guard::Guard;

use super::proxies::Proxies;
use crate::core::report::view::Expose;
use crate::http::format::Format;

#[derive(Clone)]
pub(crate) struct Terms {
    pub(crate) expose: Expose,
    /// For requests that pass a guard, in the order in which they were given.
    pub(crate) guarded: Vec<(Rc<dyn Guard>, Expose)>,
    /// Whether `?exclude=` is heard.
    pub(crate) exclude: bool,
    pub(crate) format: Format,
    pub(crate) proxies: Proxies,
}

impl Default for Terms {
    fn default() -> Self {
        let (expose, format, proxies) = (Expose::default(), Format::default(), Proxies::default());
        Self { expose, guarded: Vec::new(), exclude: true, format, proxies }
    }
}

impl Terms {
    /// How much this request may see: what its first guard that lets it pass says, else what all may see.
    pub(crate) fn expose(&self, req: &ServiceRequest) -> Expose {
        let guarded = self.guarded.iter().find(|(guard, _)| guard.check(&req.guard_ctx()));
        guarded.map_or(self.expose, |(_, expose)| *expose)
    }

    /// How much somebody may see.
    #[cfg(feature = "openapi")]
    pub(crate) fn levels(&self) -> impl Iterator<Item = Expose> {
        self.guarded.iter().map(|(_, expose)| *expose).chain([self.expose])
    }
}
