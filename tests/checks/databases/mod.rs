//! The check of a pool against real servers: `PostgreSQL` and `MariaDB`.

mod cost;
mod failures;
mod pool;
mod sqlite;
