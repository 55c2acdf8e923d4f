//! The check of a pool against real servers, `PostgreSQL` and `MariaDB`, and on the embedded `SQLite`.

mod cost;
mod failures;
mod mariadb;
mod migrations;
mod pool;
mod postgres;
mod sqlite;
