use health_runtime::{LivenessSafe, health_check};

impl LivenessSafe for std::net::UdpSocket {}

#[health_check(liveness)]
async fn alive(socket: &std::net::UdpSocket) {
    let _ = socket;
}

fn main() {}
