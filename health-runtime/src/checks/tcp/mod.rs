//! Something listens at a host and port.

use std::fmt;
use std::io;
use std::sync::Arc;

use tokio::net::TcpStream;

use super::build_error::BuildError;
use crate::checks::shared::host_port::Address;
use crate::checks::shared::resolve::{self, addresses};
use crate::checks::shared::single_flight::Question;
use crate::core::model::outcome::Outcome;
use crate::core::registry::check::Run;
use crate::core::registry::descriptor::CheckFuture;

/// A connection over TCP can be made to a host and port.
///
/// That says only that the kernel there takes connections, which it also does for a server that hangs. Where there is a check
/// of what the server really does, take that one.
///
/// All addresses of the host are tried, in the order of the system's resolver, until one takes the connection. Detail:
/// `addresses`, how many there are.
///
/// # What it costs the server
///
/// A connection for each run, and one round trip to make it: nothing is sent before it is closed, which a server may note in its
/// log. While the network swallows the attempt no second one is made, for at least 10 s.
///
/// ```
/// use health_runtime::checks::Tcp;
/// use health_runtime::{Check, Health, HealthState, Kind};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
/// # let address = listener.local_addr()?.to_string();
/// let smtp = Tcp::builder(address).build()?; // such as "mail.internal:25"
/// let health = Health::builder().check(Check::readiness("smtp", smtp)).start()?;
/// assert_eq!(health.report(Kind::Readiness).await.state(), HealthState::Healthy);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Tcp {
    inner: Arc<Inner>,
}

struct Inner {
    address: Address,
    question: Question<usize, io::Error>,
}

/// The settings of a [`Tcp`]. Made by [`Tcp::builder`].
#[must_use = "no check is made until `build`"]
pub struct TcpBuilder {
    address: String,
}

impl Tcp {
    /// Begins with where to connect: `host:port`, with an IPv6 address in brackets.
    pub fn builder(address: impl Into<String>) -> TcpBuilder {
        TcpBuilder { address: address.into() }
    }

    /// One run, for use inside an annotated function.
    pub async fn run(&self) -> Outcome {
        let Inner { address, question } = &*self.inner;
        let answer = question.answer(|| {
            let Address { host, port } = address.clone();
            async move {
                let addresses = addresses(&host, port).await?;
                TcpStream::connect(&*addresses).await?;
                Ok(addresses.len())
            }
        });
        match answer.await {
            Ok(count) => Outcome::up().with("addresses", count),
            Err(error) => resolve::failed(&error),
        }
    }
}

impl TcpBuilder {
    /// Makes the check. Nothing is connected yet.
    ///
    /// # Errors
    ///
    /// When the address is not `host:port`.
    pub fn build(self) -> Result<Tcp, BuildError> {
        let mut mistakes = Vec::new();
        let address = Address::read(&self.address, &mut mistakes);
        BuildError::unless("Tcp", mistakes, || Tcp { inner: Arc::new(Inner { address, question: Question::default() }) })
    }
}

impl Run for Tcp {
    fn start(&self) -> CheckFuture<'static> {
        let check = self.clone();
        Box::pin(async move { check.run().await })
    }

    fn is_external(&self) -> bool {
        true
    }
}

impl fmt::Debug for Tcp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tcp").field("address", &self.inner.address).finish_non_exhaustive()
    }
}

// What was not read yet may be a URL with a password.
impl fmt::Debug for TcpBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TcpBuilder").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
