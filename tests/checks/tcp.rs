//! The check of a port against a real server.

use std::net::SocketAddr;

use health_runtime::checks::Tcp;
use health_tests::servers::Memcached;

use crate::contract::{Named, Networked, contract};
use crate::probed::up;

struct TcpCheck;

impl Networked for TcpCheck {
    type Server = Memcached;
    type Check = Tcp;

    fn start() -> Memcached {
        Memcached::start()
    }

    fn check(_: &Memcached, address: SocketAddr) -> Tcp {
        Tcp::builder(address.to_string()).build().unwrap()
    }

    fn up(_: &Memcached) -> (u16, String) {
        up(r#""addresses":1"#)
    }
}

impl Named for TcpCheck {
    fn check_by_name(host: &str, port: u16) -> Tcp {
        Tcp::builder(format!("{host}:{port}")).build().unwrap()
    }
}

contract!(TcpCheck: restarts, two_addresses);
