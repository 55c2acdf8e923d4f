//! A request of the crate http as a probe request.

use std::net::SocketAddr;

use http::header::{ACCEPT, HeaderMap, HeaderValue};
use http::{Extensions, request};

use crate::http::request::{ProbeRequest, RequestHeaders};

/// Borrows a probe request from a request with this decoded path.
pub(super) fn probe_request<'r>(parts: &'r request::Parts, path: &'r str) -> ProbeRequest<'r> {
    ProbeRequest {
        method: parts.method.as_str(),
        path,
        subpath: "",
        query: parts.uri.query(),
        headers: &parts.headers,
        peer_addr: peer_addr(&parts.extensions),
    }
}

/// Returns the address that the server added: axum's `ConnectInfo<SocketAddr>`, else a plain `SocketAddr`.
fn peer_addr(extensions: &Extensions) -> Option<SocketAddr> {
    #[cfg(feature = "axum")]
    if let Some(info) = extensions.get::<axum::extract::ConnectInfo<SocketAddr>>() {
        return Some(info.0);
    }
    extensions.get::<SocketAddr>().copied()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_client_is_the_one_that_the_server_added() {
        let address = |port| SocketAddr::from(([192, 0, 2, 1], port));
        let mut extensions = Extensions::new();
        assert_eq!(peer_addr(&extensions), None);
        extensions.insert(address(80));
        assert_eq!(peer_addr(&extensions), Some(address(80)));
        #[cfg(feature = "axum")]
        {
            extensions.insert(axum::extract::ConnectInfo(address(4000)));
            assert_eq!(peer_addr(&extensions), Some(address(4000)));
        }
    }
}
