//! actix-web's request as a probe request.

use actix_web::dev::ServiceRequest;
use actix_web::http::header::{ACCEPT, HeaderMap, HeaderValue};

use crate::http::request::{ProbeRequest, RequestHeaders};

/// Borrows a probe request from a request that was routed to `route`.
pub(super) fn probe_request<'r>(req: &'r ServiceRequest, route: &str) -> ProbeRequest<'r> {
    let (path, subpath) = (req.match_info().as_str(), req.match_info().unprocessed());
    // actix matched the prefixes of the scopes and the route, in this order. A route with a pattern may be longer than what
    // it matched.
    let start = path.len().saturating_sub(subpath.len() + route.len());
    ProbeRequest {
        method: req.method().as_str(),
        path: path.get(start..).unwrap_or(path),
        subpath,
        query: req.uri().query(),
        headers: req.headers(),
        peer_addr: req.peer_addr(),
    }
}

impl RequestHeaders for HeaderMap {
    fn first(&self, name: &str) -> Option<&[u8]> {
        self.get(name).map(HeaderValue::as_bytes)
    }

    fn for_each_accept<'h>(&'h self, visit: &mut dyn FnMut(&'h [u8])) {
        for line in self.get_all(ACCEPT) {
            visit(line.as_bytes());
        }
    }
}
