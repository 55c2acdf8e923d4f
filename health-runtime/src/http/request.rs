//! A probe request, without the types of a server framework.

use std::fmt;
use std::net::SocketAddr;
use std::str;

/// A probe request, for the rules of [`HealthService::expose_when`](crate::HealthService::expose_when).
#[derive(Clone, Copy)]
pub struct ProbeRequest<'r> {
    pub(crate) method: &'r str,
    pub(crate) path: &'r str,
    /// The part of the path below the endpoint: empty, `/` or `/{check}`.
    pub(crate) subpath: &'r str,
    pub(crate) query: Option<&'r str>,
    pub(crate) headers: &'r dyn RequestHeaders,
    pub(crate) peer_addr: Option<SocketAddr>,
}

/// The headers of a request, borrowed from the framework's own map.
///
/// An adapter implements it for that map, so that a probe copies no header.
pub(crate) trait RequestHeaders: Sync {
    /// Returns the first value of a header.
    fn first(&self, name: &str) -> Option<&[u8]>;

    /// Calls `visit` with each line of `Accept`, in order.
    ///
    /// Every probe reads this header, so an adapter looks it up by the framework's constant.
    fn for_each_accept<'h>(&'h self, visit: &mut dyn FnMut(&'h [u8]));
}

impl<'r> ProbeRequest<'r> {
    /// Returns the method in upper case, such as `GET`.
    pub fn method(&self) -> &'r str {
        self.method
    }

    /// Returns the path as the health routes see it, without the prefix of a scope around them.
    pub fn path(&self) -> &'r str {
        self.path
    }

    /// Returns the query without the question mark.
    pub fn query(&self) -> Option<&'r str> {
        self.query
    }

    /// Returns the first value of a header, or `None` if it is not valid UTF-8. The case of `name` is ignored.
    pub fn header(&self, name: &str) -> Option<&'r str> {
        str::from_utf8(self.headers.first(name)?).ok()
    }

    /// Returns the address of the connected client or proxy, if the server knows it.
    ///
    /// It is never taken from a header such as `X-Forwarded-For`, which a client can set.
    pub fn peer_addr(&self) -> Option<SocketAddr> {
        self.peer_addr
    }

    /// Returns the name of the requested check, for `/readyz/{check}`.
    pub(crate) fn check_name(&self) -> Option<&'r str> {
        self.subpath.strip_prefix('/').filter(|name| !name.is_empty())
    }
}

impl fmt::Debug for ProbeRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProbeRequest")
            .field("method", &self.method)
            .field("path", &self.path)
            .field("query", &self.query)
            .field("peer_addr", &self.peer_addr)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Headers in the order in which they were sent.
    pub(crate) struct HeaderList<'h>(pub(crate) &'h [(&'h str, &'h str)]);

    impl<'r> ProbeRequest<'r> {
        /// Returns `GET /readyz` with these headers.
        pub(crate) fn with_headers(headers: &'r HeaderList<'_>) -> Self {
            Self { method: "GET", path: "/readyz", subpath: "", query: None, headers, peer_addr: None }
        }
    }

    impl RequestHeaders for HeaderList<'_> {
        fn first(&self, name: &str) -> Option<&[u8]> {
            let value = self.0.iter().find(|(header, _)| header.eq_ignore_ascii_case(name));
            value.map(|(_, value)| value.as_bytes())
        }

        fn for_each_accept<'h>(&'h self, visit: &mut dyn FnMut(&'h [u8])) {
            let lines = self.0.iter().filter(|(name, _)| name.eq_ignore_ascii_case("accept"));
            lines.for_each(|(_, value)| visit(value.as_bytes()));
        }
    }

    #[test]
    fn a_header_is_its_first_value() {
        let headers = HeaderList(&[("x-operator", "yes"), ("X-Operator", "no")]);
        let request = ProbeRequest::with_headers(&headers);
        assert_eq!((request.header("X-OPERATOR"), request.header("x-other")), (Some("yes"), None));
    }

    #[test]
    fn the_check_is_the_path_below_the_endpoint() {
        let headers = HeaderList(&[]);
        for (subpath, name) in [("", None), ("/", None), ("/a", Some("a")), ("/a/b", Some("a/b")), ("//", Some("/"))] {
            let request = ProbeRequest { subpath, ..ProbeRequest::with_headers(&headers) };
            assert_eq!(request.check_name(), name, "{subpath}");
        }
    }

    #[test]
    fn a_request_can_be_shared_between_threads() {
        fn assert_send_and_sync<T: Send + Sync>() {}
        assert_send_and_sync::<ProbeRequest<'_>>();
    }
}
