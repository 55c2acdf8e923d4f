//! The check of a pool against real servers: `PostgreSQL` and `MariaDB`.
#![allow(clippy::unwrap_used)]

mod cost;
mod life;
mod support;
