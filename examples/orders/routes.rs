//! The routes of the service: creating and listing orders.

use std::fmt;

use actix_web::error::JsonPayloadError;
use actix_web::http::StatusCode;
use actix_web::web::{self, Data, Json, JsonConfig, ServiceConfig};
use actix_web::{HttpResponse, ResponseError};
use serde::Deserialize;
use serde_json::json;

use crate::cache::Cache;
use crate::store::Store;

/// Adds `GET /orders` and `POST /orders`.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .app_data(JsonConfig::default().limit(16 * 1024).error_handler(|error, _request| RequestError::Unreadable(error).into()))
        .service(web::resource("/orders").route(web::get().to(list)).route(web::post().to(create)));
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewOrder {
    item: String,
    quantity: i64,
}

async fn list(store: Data<Store>, cache: Data<Cache>) -> Result<HttpResponse, RequestError> {
    if let Some(cached) = cache.latest().await {
        return Ok(HttpResponse::Ok().json(cached));
    }
    let latest = store.latest().await?;
    cache.store(&latest).await;
    Ok(HttpResponse::Ok().json(latest))
}

async fn create(store: Data<Store>, cache: Data<Cache>, order: Json<NewOrder>) -> Result<HttpResponse, RequestError> {
    let item = order.item.trim();
    if item.is_empty() || item.chars().count() > 200 {
        return Err(RequestError::Invalid("`item` must have 1 to 200 characters"));
    }
    if !(1..=1_000).contains(&order.quantity) {
        return Err(RequestError::Invalid("`quantity` must be from 1 to 1000"));
    }
    let order = store.add(item, order.quantity).await?;
    cache.invalidate().await;
    Ok(HttpResponse::Created().json(order))
}

/// Why a request failed.
#[derive(Debug)]
enum RequestError {
    Unreadable(JsonPayloadError),
    Invalid(&'static str),
    Store,
}

impl From<sqlx::Error> for RequestError {
    fn from(error: sqlx::Error) -> Self {
        tracing::error!(%error, "a database query failed");
        Self::Store
    }
}

impl fmt::Display for RequestError {
    /// Writes the message for the client. The text of a database error is only logged.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(error) => write!(f, "invalid order: {error}"),
            Self::Invalid(what) => f.write_str(what),
            Self::Store => f.write_str("orders are unavailable; try again"),
        }
    }
}

impl ResponseError for RequestError {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::Unreadable(error) => error.status_code(),
            Self::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Store => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    fn error_response(&self) -> HttpResponse {
        HttpResponse::build(self.status_code()).json(json!({ "error": self.to_string() }))
    }
}
