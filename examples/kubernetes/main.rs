//! Prints a Deployment and a Service for a program, with probes computed from its checks.
//!
//! ```text
//! cargo run -p health-examples --bin kubernetes | kubectl apply -f -
//! ```
//!
//! Your service could do so when it is called with `--kubernetes`, after `start` and before it listens.

use std::error::Error;
use std::io::{self, Write};
use std::time::Duration;

use health_runtime::kubernetes::Probes;
use health_runtime::{Check, Health, Outcome, health_check};

/// The queue of unprocessed orders.
struct Queue {
    waiting: usize,
}

/// The queue has free capacity.
#[health_check(readiness, critical = false)]
fn queue(queue: &Queue) -> Outcome {
    if queue.waiting < 1_000 { Outcome::up() } else { Outcome::degraded("the queue is long") }
}

/// The prices are loaded.
#[health_check(startup, timeout = "5s", interval = "20s")]
fn prices() -> Result<(), io::Error> {
    std::fs::metadata("prices.csv").map(drop)
}

#[actix_web::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut builder = Health::builder().state(Queue { waiting: 0 });
    for shard in ["eu", "us"] {
        builder = builder.check(Check::readiness(format!("shard-{shard}"), || async {}).timeout(Duration::from_millis(300)));
    }
    let health = builder.start()?;
    let yaml = Probes::new(&health, "http").shutdown_timeout(20).startup_budget(Duration::from_mins(2)).yaml()?;

    let (pod, container) = (yaml.pod(6), yaml.container(10));
    write!(
        io::stdout(),
        "\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: orders
spec:
  replicas: 2
  selector:
    matchLabels:
      app: orders
  template:
    metadata:
      labels:
        app: orders
    spec:
{pod}      containers:
        - name: orders
          image: registry.example/orders:1.4.2
          ports:
            - name: http
              containerPort: 8080
{container}---
apiVersion: v1
kind: Service
metadata:
  name: orders
spec:
  selector:
    app: orders
  ports:
    - name: http
      port: 80
      targetPort: http
"
    )?;
    Ok(())
}
