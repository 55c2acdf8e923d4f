//! Records each write of a server.
//!
//! A socket cannot show them: two writes may reach a client in one read, and one write in two. So a server of HTTP/1.1 runs over a
//! pipe in memory that records each call of `write` and `writev`; with a socket, each is one system call.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use actix_http::HttpService;
use actix_service::{Service, ServiceFactory, map_config};
use actix_web::App;
use actix_web::dev::AppConfig;
use actix_web::web::ServiceConfig;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream, ReadBuf, duplex};

/// Sends one request to an application of actix-web, as [`record`] does.
pub async fn writes(configure: impl FnOnce(&mut ServiceConfig), request: &[u8]) -> Vec<Vec<u8>> {
    let app = map_config(App::new().configure(configure), |()| AppConfig::default());
    let service = HttpService::build().h1(app).new_service(()).await.expect("the app starts");
    record(request, |pipe| service.call((pipe, None))).await
}

/// Sends one request, which must have `Connection: close`, and returns every write of the response.
pub async fn record<T, E: std::fmt::Debug, F>(request: &[u8], serve: impl FnOnce(Recorder) -> F) -> Vec<Vec<u8>>
where
    F: Future<Output = Result<T, E>>,
{
    let (mut client, server) = duplex(1 << 20);
    let recorded = Arc::default();
    let pipe = Recorder { pipe: server, writes: Arc::clone(&recorded) };
    client.write_all(request).await.expect("a pipe with room");
    let mut received = Vec::new();
    let (outcome, read) = tokio::join!(serve(pipe), client.read_to_end(&mut received));
    outcome.expect("the connection is served");
    read.expect("the response is read");

    let writes = std::mem::take(&mut *recorded.lock().unwrap());
    assert_eq!(writes.concat(), received, "all that arrived was recorded");
    writes
}

/// The server's end of the pipe.
#[derive(Debug)]
pub struct Recorder {
    pipe: DuplexStream,
    writes: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl AsyncRead for Recorder {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.pipe).poll_read(cx, buf)
    }
}

impl AsyncWrite for Recorder {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.pipe).poll_write(cx, buf);
        if let Poll::Ready(Ok(count)) = written {
            self.writes.lock().unwrap().push(buf[..count].to_vec());
        }
        written
    }

    fn poll_write_vectored(self: Pin<&mut Self>, cx: &mut Context<'_>, bufs: &[IoSlice<'_>]) -> Poll<io::Result<usize>> {
        let all: Vec<u8> = bufs.iter().flat_map(|buf| buf.iter().copied()).collect();
        self.poll_write(cx, &all)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.pipe).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.pipe).poll_shutdown(cx)
    }
}
