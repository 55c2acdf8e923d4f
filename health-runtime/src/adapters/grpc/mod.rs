//! gRPC: the health checks of `grpc.health.v1`, for servers on tonic.
//!
//! - here: the service that tonic mounts.
//! - `target`: what the name of a service means.
//! - `watch`, `prober`: the statuses that a watch sends, and the probes that keep them fresh.

mod prober;
mod target;
mod watch;

use std::convert::Infallible;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::{Stream, StreamExt};
use tonic::codegen::{Body as HttpBody, BoxFuture, Service, StdError, http};
use tonic::server::NamedService;
use tonic::{Request, Response, Status};
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_server::{Health as HealthService, HealthServer};
use tonic_health::pb::{HealthCheckRequest, HealthCheckResponse};

use super::counted_request;
use crate::core::health::Health;
use crate::core::model::status::HealthState;
use prober::Claims;
use target::Target;

/// The service `grpc.health.v1.Health` for tonic. Created by [`Health::grpc`].
#[derive(Clone)]
#[must_use = "add it to the server with `add_service`"]
pub struct GrpcHealth {
    health: Health,
    server: HealthServer<Endpoints>,
}

/// What the clones of a service share.
struct Endpoints {
    health: Health,
    claims: Claims,
}

impl Health {
    /// Feature `grpc`: creates the gRPC health service for tonic's `add_service`, with `Check` and `Watch`.
    ///
    /// | service | reports |
    /// |---|---|
    /// | empty, `readiness` | readiness checks, as `/readyz` |
    /// | `liveness`, `startup` | the checks of that kind, as `/livez` and `/startupz` |
    /// | `health` | every check, as `/health` |
    /// | `{check}` | one check, as `/health/{check}` |
    ///
    /// Healthy and degraded are `SERVING`, unhealthy is `NOT_SERVING`, also while the process starts or drains. Names and statuses
    /// are visible whatever [`expose`](crate::HealthService::expose) is. An unknown service is `NOT_FOUND` for `Check` and
    /// `SERVICE_UNKNOWN` for `Watch`. The name of a scope wins over that of a check, and [`start`](crate::HealthBuilder::start) logs a
    /// warning about such a check.
    ///
    /// A watch sends the state at once, then each change once and in order. It keeps its checks fresh as one prober a second
    /// would, however many watches there are. It ends when the drain ends, so it does not delay the shutdown.
    /// [`guide::with_grpc`](crate::guide::with_grpc) has an example.
    pub fn grpc(&self) -> GrpcHealth {
        let endpoints = Endpoints { health: self.clone(), claims: Claims::default() };
        GrpcHealth { health: self.clone(), server: HealthServer::new(endpoints) }
    }
}

impl<B> Service<http::Request<B>> for GrpcHealth
where
    B: HttpBody + Send + 'static,
    B::Error: Into<StdError> + Send + 'static,
{
    type Response = http::Response<tonic::body::Body>;
    type Error = Infallible;
    type Future = BoxFuture<Self::Response, Infallible>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<B>) -> Self::Future {
        counted_request::stop(self.health.inner().lifecycle.in_flight());
        self.server.call(request)
    }
}

impl NamedService for GrpcHealth {
    const NAME: &'static str = HealthServer::<Endpoints>::NAME;
}

#[tonic::async_trait]
impl HealthService for Endpoints {
    async fn check(&self, request: Request<HealthCheckRequest>) -> Result<Response<HealthCheckResponse>, Status> {
        let inner = self.health.inner();
        let Some(target) = Target::find(inner, &request.get_ref().service) else {
            return Err(Status::not_found("unknown service"));
        };
        let report = inner.evaluate(&target.query()).await;
        Ok(Response::new(response(serving_status(report.state()))))
    }

    type WatchStream = Pin<Box<dyn Stream<Item = Result<HealthCheckResponse, Status>> + Send>>;

    async fn watch(&self, request: Request<HealthCheckRequest>) -> Result<Response<Self::WatchStream>, Status> {
        let respond = |status| Ok(response(status));
        Ok(Response::new(match Target::find(self.health.inner(), &request.get_ref().service) {
            Some(target) => watch::statuses(&self.health, target, &self.claims).map(respond).boxed(),
            None => watch::unknown(&self.health).map(respond).boxed(),
        }))
    }
}

fn serving_status(state: HealthState) -> ServingStatus {
    match state {
        HealthState::Healthy | HealthState::Degraded => ServingStatus::Serving,
        HealthState::Unhealthy => ServingStatus::NotServing,
    }
}

fn response(status: ServingStatus) -> HealthCheckResponse {
    HealthCheckResponse { status: status.into() }
}

impl fmt::Debug for GrpcHealth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GrpcHealth").field("health", &self.health).finish_non_exhaustive()
    }
}
