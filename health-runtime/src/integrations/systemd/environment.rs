//! What systemd puts into the environment of a service: where to tell it, and how often it wants to hear.

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::SocketAddr;
use std::time::Duration;

use super::NotifyError;

const SOCKET: &str = "NOTIFY_SOCKET";
const INTERVAL: &str = "WATCHDOG_USEC";
const PROCESS: &str = "WATCHDOG_PID";

/// Who wants to be told.
#[derive(Debug)]
pub(super) struct Manager {
    pub(super) address: SocketAddr,
    /// It kills the process after so long a silence.
    pub(super) watchdog: Option<Duration>,
}

impl Manager {
    /// `get` reads a variable of the environment of the process `pid`. `None`: there is nobody to tell.
    pub(super) fn of(get: impl Fn(&str) -> Option<OsString>, pid: u32) -> Result<Option<Self>, NotifyError> {
        let get = |name: &str| get(name).filter(|value| !value.is_empty());
        let Some(socket) = get(SOCKET) else { return Ok(None) };
        let address = address(&socket).map_err(|problem| wrong(SOCKET, &socket, &problem))?;
        let number = |name: &str| match get(name) {
            None => Ok(None),
            Some(value) => match value.to_str().and_then(|text| text.parse::<u64>().ok()).filter(|number| *number > 0) {
                Some(number) => Ok(Some(number)),
                None => Err(wrong(name, &value, "which is no number from 1 on")),
            },
        };
        // A child inherits the variables; they may speak of its parent.
        let is_ours = number(PROCESS)?.is_none_or(|process| process == u64::from(pid));
        let watchdog = number(INTERVAL)?.filter(|_| is_ours).map(Duration::from_micros);
        Ok(Some(Self { address, watchdog }))
    }
}

fn wrong(name: &str, value: &OsStr, problem: &str) -> NotifyError {
    NotifyError::variable(name, &value.to_string_lossy(), problem)
}

/// A path, or the name of an abstract socket behind an `@`.
fn address(text: &OsStr) -> Result<SocketAddr, String> {
    let address = match text.as_bytes() {
        [b'/', ..] => SocketAddr::from_pathname(text),
        [b'@', name @ ..] => from_abstract_name(name),
        _ => return Err("which is neither a path from `/` on nor an abstract `@name`".to_owned()),
    };
    address.map_err(|error| format!("which is no address of a socket: {error}"))
}

#[cfg(target_os = "linux")]
fn from_abstract_name(name: &[u8]) -> io::Result<SocketAddr> {
    use std::os::linux::net::SocketAddrExt;

    SocketAddr::from_abstract_name(name)
}

#[cfg(not(target_os = "linux"))]
fn from_abstract_name(_: &[u8]) -> io::Result<SocketAddr> {
    Err(io::Error::new(io::ErrorKind::Unsupported, "only Linux has abstract ones"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PID: u32 = 42;

    fn of(variables: &[(&str, &str)]) -> Result<Option<Manager>, NotifyError> {
        let get = |name: &str| variables.iter().find(|(held, _)| *held == name).map(|(_, value)| OsString::from(value));
        Manager::of(get, PID)
    }

    #[test]
    fn without_a_socket_there_is_nobody_to_tell() {
        for variables in [&[][..], &[("NOTIFY_SOCKET", "")], &[("WATCHDOG_USEC", "30000000")], &[("WATCHDOG_USEC", "x")]] {
            assert!(matches!(of(variables), Ok(None)), "{variables:?}");
        }
    }

    #[test]
    fn a_socket_is_a_path_or_an_abstract_name() {
        let path = of(&[("NOTIFY_SOCKET", "/run/systemd/notify")]).unwrap().unwrap();
        assert_eq!(path.address.as_pathname(), Some("/run/systemd/notify".as_ref()));
        assert_eq!(path.watchdog, None);
        #[cfg(target_os = "linux")]
        {
            use std::os::linux::net::SocketAddrExt;

            let name = of(&[("NOTIFY_SOCKET", "@run/notify")]).unwrap().unwrap();
            assert_eq!(name.address.as_abstract_name(), Some(&b"run/notify"[..]));
        }
    }

    #[test]
    fn the_watchdog_counts_for_the_process_that_it_names() {
        let seconds = |count| Some(Duration::from_secs(count));
        for (variables, watchdog) in [
            (&[][..], None),
            (&[("WATCHDOG_USEC", "30000000")][..], seconds(30)),
            (&[("WATCHDOG_USEC", "30000000"), ("WATCHDOG_PID", "42")], seconds(30)),
            (&[("WATCHDOG_USEC", "30000000"), ("WATCHDOG_PID", "")], seconds(30)),
            (&[("WATCHDOG_USEC", "30000000"), ("WATCHDOG_PID", "43")], None),
            (&[("WATCHDOG_USEC", ""), ("WATCHDOG_PID", "42")], None),
        ] {
            let variables = [&[("NOTIFY_SOCKET", "/run/notify")], variables].concat();
            assert_eq!(of(&variables).unwrap().unwrap().watchdog, watchdog, "{variables:?}");
        }
    }

    #[test]
    fn a_mistake_is_said_with_its_remedy() {
        let long = format!("/{}", "x".repeat(200));
        let remedy = "; leave it as systemd sets it, or unset it";
        for (name, value, problem) in [
            ("NOTIFY_SOCKET", "run/notify", "which is neither a path from `/` on nor an abstract `@name`"),
            ("NOTIFY_SOCKET", "vsock:2:1", "which is neither a path from `/` on nor an abstract `@name`"),
            ("NOTIFY_SOCKET", &long, "which is no address of a socket: path must be shorter than SUN_LEN"),
            ("WATCHDOG_USEC", "30s", "which is no number from 1 on"),
            ("WATCHDOG_USEC", "0", "which is no number from 1 on"),
            ("WATCHDOG_USEC", "-1", "which is no number from 1 on"),
            ("WATCHDOG_PID", "self", "which is no number from 1 on"),
        ] {
            let error = of(&[(name, value), ("NOTIFY_SOCKET", "/run/notify")]).unwrap_err();
            assert_eq!(error.to_string(), format!("`{name}` is {value:?}, {problem}{remedy}"));
            assert_eq!(format!("{error:?}"), error.to_string());
        }
    }
}
