//! The client of the check: HTTP/1.1 over one kept connection.

use std::error::Error;
use std::io;
use std::net::SocketAddr;

use http_body_util::{BodyExt, Empty};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1::{Builder, SendRequest};
use hyper::header::{ACCEPT, HOST, HeaderMap, HeaderValue, LOCATION, USER_AGENT};
use hyper::{Method, Request};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsConnector;
use url::{Host, Position, Url};

use super::expectation::ResponseBody;
use super::outcome_from_request_error;
use super::probe::{HttpProbe, Response, Session, drain_later};
use super::request::origin_form;
use crate::checks::shared::HostPort;
use crate::checks::shared::connector::{Connected, Connector, KeptConnection};
use crate::core::model::outcome::Outcome;

const AGENT: &str = concat!("health-runtime/", env!("CARGO_PKG_VERSION"));

/// The maximum number of header fields of a response.
const MAX_HEADER_FIELDS: usize = 4096;

type BoxError = Box<dyn Error + Send + Sync>;

/// TLS, or the reason why there is none.
pub(super) type Tls = Result<TlsConnector, String>;

/// Connects to the server of the check's URL, and for redirects to others. It uses no proxy and no default of the process.
pub(super) struct OwnClient {
    connector: Connector,
    tls: Tls,
    kept: KeptConnection<Connection>,
}

/// A connection to one server. A task drives it until both ends are closed.
struct Connection {
    address: SocketAddr,
    sender: SendRequest<Empty<Bytes>>,
}

impl OwnClient {
    pub(super) fn new(url: &Url, tls: Tls) -> Self {
        Self { connector: Connector::new(host_port(url)), tls, kept: KeptConnection::default() }
    }

    /// Runs the probe. A response other than the expected one is an error, so that it closes the connection.
    pub(super) async fn run(&self, probe: &HttpProbe) -> Result<Outcome, Outcome> {
        let connect = async { Box::pin(self.open(&self.connector, &probe.request.url)).await.map_err(|error| outcome(&*error)) };
        let query = |connection: Connection| async {
            let address = connection.address;
            let mut session = OwnSession { client: self, probe, connection, is_used: false };
            let outcome = self.connector.track(address, probe.run_over(&mut session)).await?;
            Ok((session.connection, outcome))
        };
        self.kept.query(connect, query).await
    }

    async fn open(&self, connector: &Connector, url: &Url) -> Result<Connection, BoxError> {
        if url.scheme() != "https" {
            let Connected { stream, address, .. } = connector.connect().await?;
            return Ok(Connection { address, sender: start(stream).await? });
        }
        let tls = self.tls.as_ref().map_err(|problem| io::Error::other(problem.clone()))?;
        let name = server_name(connector.target())?;
        let Connected { stream, address, .. } = connector.connect().await?;
        Ok(Connection { address, sender: start(tls.connect(name, stream).await?).await? })
    }
}

/// Starts HTTP/1.1 over a stream. Fields of a response that do not matter for the check may be malformed.
async fn start(stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) -> Result<SendRequest<Empty<Bytes>>, hyper::Error> {
    let mut builder = Builder::new();
    builder
        .max_headers(MAX_HEADER_FIELDS)
        .ignore_invalid_headers_in_responses(true)
        .allow_spaces_after_header_name_in_responses(true)
        .allow_obsolete_multiline_headers_in_responses(true);
    let (sender, connection) = builder.handshake(TokioIo::new(stream)).await?;
    // The request that it serves has the error, if there is one.
    tokio::spawn(async { drop(connection.await) });
    Ok(sender)
}

/// The requests of one run.
struct OwnSession<'c> {
    client: &'c OwnClient,
    probe: &'c HttpProbe,
    connection: Connection,
    /// Whether a request of this run was sent over the connection.
    is_used: bool,
}

impl Session for OwnSession<'_> {
    type Body = Incoming;

    async fn send(&mut self, url: &Url, headers: HeaderMap) -> Result<Response<Incoming>, Outcome> {
        self.try_send(url, headers).await.map_err(|error| outcome(&*error))
    }

    /// The next request waits for the end of the body.
    fn finish(&mut self, body: Incoming) {
        drain_later(body);
    }
}

impl OwnSession<'_> {
    async fn try_send(&mut self, url: &Url, headers: HeaderMap) -> Result<Response<Incoming>, BoxError> {
        let request = request(&self.probe.request.method, url, headers)?;
        let response = if url.origin() == self.probe.request.url.origin() {
            // The response to an earlier request of this run may have closed the connection.
            if self.connection.sender.ready().await.is_err() && self.is_used {
                self.connection = Box::pin(self.client.open(&self.client.connector, url)).await?;
            }
            self.is_used = true;
            self.connection.sender.send_request(request).await?
        } else {
            let mut other = Box::pin(self.client.open(&Connector::new(host_port(url)), url)).await?;
            other.sender.send_request(request).await?
        };
        let location = response.headers().get(LOCATION).and_then(|location| url.join(location.to_str().ok()?).ok());
        Ok(Response { code: response.status().as_u16(), location, is_redirected: false, body: response.into_body() })
    }
}

impl ResponseBody for Incoming {
    type Error = hyper::Error;

    async fn chunk(&mut self) -> Result<Option<Bytes>, hyper::Error> {
        loop {
            match self.frame().await.transpose()?.map(hyper::body::Frame::into_data) {
                None => return Ok(None),
                Some(Ok(chunk)) => return Ok(Some(chunk)),
                Some(Err(_trailers)) => {}
            }
        }
    }
}

fn request(method: &Method, url: &Url, headers: HeaderMap) -> Result<Request<Empty<Bytes>>, BoxError> {
    let mut request = Request::new(Empty::new());
    *request.method_mut() = method.clone();
    *request.uri_mut() = origin_form(url).ok_or("the target of a redirect is not a URL that HTTP can send")?;
    *request.headers_mut() = headers;
    let host = HeaderValue::from_str(&url[Position::BeforeHost..Position::AfterPort])?;
    for (name, value) in [(HOST, host), (ACCEPT, HeaderValue::from_static("*/*")), (USER_AGENT, HeaderValue::from_static(AGENT))]
    {
        request.headers_mut().entry(name).or_insert(value);
    }
    Ok(request)
}

fn outcome(error: &(dyn Error + Send + Sync + 'static)) -> Outcome {
    outcome_from_request_error(error)
}

fn host_port(url: &Url) -> HostPort {
    let host = match url.host() {
        Some(Host::Domain(name)) => name.to_owned(),
        Some(Host::Ipv4(address)) => address.to_string(),
        Some(Host::Ipv6(address)) => address.to_string(),
        None => String::new(),
    };
    HostPort { host, port: url.port_or_known_default().unwrap_or_default() }
}

/// Returns the name that the certificate of a server must have.
fn server_name(target: &HostPort) -> io::Result<ServerName<'static>> {
    ServerName::try_from(target.host.trim_end_matches('.').to_owned()).map_err(io::Error::other)
}
