//! What the service is there for: taking orders, and listing them.

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
        .app_data(JsonConfig::default().limit(16 * 1024).error_handler(|error, _request| Refusal::Unreadable(error).into()))
        .service(web::resource("/orders").route(web::get().to(list)).route(web::post().to(create)));
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewOrder {
    item: String,
    quantity: i64,
}

async fn list(store: Data<Store>, cache: Data<Cache>) -> Result<HttpResponse, Refusal> {
    if let Some(kept) = cache.latest().await {
        return Ok(HttpResponse::Ok().json(kept));
    }
    let latest = store.latest().await?;
    cache.keep(&latest).await;
    Ok(HttpResponse::Ok().json(latest))
}

async fn create(store: Data<Store>, cache: Data<Cache>, order: Json<NewOrder>) -> Result<HttpResponse, Refusal> {
    let item = order.item.trim();
    if item.is_empty() || item.chars().count() > 200 {
        return Err(Refusal::Invalid("`item` must have 1 to 200 characters"));
    }
    if !(1..=1_000).contains(&order.quantity) {
        return Err(Refusal::Invalid("`quantity` must be from 1 to 1000"));
    }
    let order = store.add(item, order.quantity).await?;
    cache.forget().await;
    Ok(HttpResponse::Created().json(order))
}

/// Why a request is not carried out.
#[derive(Debug)]
enum Refusal {
    Unreadable(JsonPayloadError),
    Invalid(&'static str),
    Store,
}

impl From<sqlx::Error> for Refusal {
    fn from(error: sqlx::Error) -> Self {
        tracing::error!(%error, "the database refused a request");
        Self::Store
    }
}

impl fmt::Display for Refusal {
    /// What the client reads. The text of a database error is for the log only.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(error) => write!(f, "the order cannot be read: {error}"),
            Self::Invalid(what) => f.write_str(what),
            Self::Store => f.write_str("the orders cannot be reached now; try again"),
        }
    }
}

impl ResponseError for Refusal {
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
