//! The endpoints outside their own service: the dedicated port, middleware of an application, Kubernetes and OpenAPI.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod envoy;
mod grpc;
mod grpc_clients;
mod kubernetes;
mod listener;
mod middleware;
mod openapi;
mod peers;
