//! The orders example with the URLs of PostgreSQL and Redis.

use health_tests::folder::Folder;
use health_tests::orders::{LIMIT, Orders};
use health_tests::servers::{PASSWORD, Postgres, Redis};
use health_tests::until;

#[test]
fn the_example_on_postgres_and_redis_is_unready_only_without_postgres() {
    let (mut database, mut redis) = (Postgres::start(), Redis::start());
    let folder = Folder::new();
    let orders = Orders::start(&folder, &[("DATABASE_URL", &database.url()), ("REDIS_URL", &redis.url())]);
    let body = orders.readyz(200).without_figures();
    assert!(body.contains(r#""cache":{"status":"up","latency_ms":_,"role":"master","loading":false}"#), "{body}");
    assert!(body.contains(r#""orders":{"status":"up","latency_ms":_,"pool_size":"#), "{body}");

    assert_eq!(orders.post(r#"{"item":"tea","quantity":1}"#).text(), r#"{"id":1,"item":"tea","quantity":1,"processed":false}"#);
    let processed = r#"[{"id":1,"item":"tea","quantity":1,"processed":true}]"#;
    until(LIMIT, "the order is processed", || (orders.get("/orders").text() == processed).then_some(()));

    redis.stop();
    let body = until(LIMIT, "it is degraded", || {
        let response = orders.get("/readyz");
        response.text().starts_with(r#"{"status":"degraded""#).then_some(response)
    });
    assert_eq!(body.status, 200);
    let expected = r#""cache":{"status":"down","latency_ms":_,"error":"connection refused"}"#;
    assert!(body.without_figures().contains(expected), "{body:?}");
    assert_eq!(orders.get("/orders").text(), processed, "without the cache");

    database.stop();
    let body = orders.readyz(503).without_figures();
    assert!(body.contains(r#""orders":{"status":"down","latency_ms":_,"error":"connection refused"}"#), "{body}");
    assert_eq!((orders.get("/orders").status, orders.get("/livez").status), (503, 200));

    redis.restart();
    database.restart();
    orders.readyz(200);
    until(LIMIT, "the orders are still there", || (orders.get("/orders").text() == processed).then_some(()));
    let printed = [orders.program.output(), orders.program.errors()].concat().join("\n");
    assert!(!printed.contains(PASSWORD), "{printed}");
}
