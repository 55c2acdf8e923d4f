//! The notification settings that systemd passes in environment variables.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::SocketAddr;
use std::time::Duration;

use super::NotifyError;

const SOCKET: &str = "NOTIFY_SOCKET";

#[derive(Debug)]
pub(super) struct NotifyConfig {
    pub(super) address: SocketAddr,
    /// systemd kills the process if it receives no ping for this long.
    pub(super) watchdog: Option<Duration>,
}

impl NotifyConfig {
    /// Reads the variables of the process `pid` through `variable`. Returns `None` if systemd expects no notifications.
    pub(super) fn from_env(variable: impl Fn(&str) -> Option<OsString>, pid: u32) -> Result<Option<Self>, NotifyError> {
        let non_empty = |name: &str| variable(name).filter(|value| !value.is_empty());
        let Some(socket) = non_empty(SOCKET) else { return Ok(None) };
        let address = address(&socket).map_err(|problem| invalid(SOCKET, &socket, &problem))?;
        let number = |name: &str| match non_empty(name) {
            None => Ok(None),
            Some(value) => match value.to_str().and_then(|text| text.parse::<u64>().ok()).filter(|number| *number > 0) {
                Some(number) => Ok(Some(number)),
                None => Err(invalid(name, &value, "which is not a positive integer")),
            },
        };
        // A child inherits the variables of its parent, whose watchdog it must not ping.
        let is_for_this_process = number("WATCHDOG_PID")?.is_none_or(|process| process == u64::from(pid));
        let watchdog = number("WATCHDOG_USEC")?.filter(|_| is_for_this_process).map(Duration::from_micros);
        Ok(Some(Self { address, watchdog }))
    }
}

fn invalid(name: &str, value: &OsStr, problem: &str) -> NotifyError {
    let value = value.to_string_lossy();
    NotifyError(format!("`{name}` is {value:?}, {problem}; leave it as systemd sets it, or unset it"))
}

/// Parses an absolute path, or `@` and the name of an abstract socket.
fn address(text: &OsStr) -> Result<SocketAddr, String> {
    let address = match text.as_bytes() {
        [b'/', ..] => SocketAddr::from_pathname(text),
        #[cfg(target_os = "linux")]
        [b'@', name @ ..] => <SocketAddr as std::os::linux::net::SocketAddrExt>::from_abstract_name(name),
        #[cfg(not(target_os = "linux"))]
        [b'@', ..] => Err(std::io::Error::new(std::io::ErrorKind::Unsupported, "abstract sockets exist only on Linux")),
        _ => return Err("which is neither an absolute path nor an abstract `@name`".to_owned()),
    };
    address.map_err(|error| format!("which is not a valid socket address: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PID: u32 = 42;

    fn from_env(variables: &[(&str, &str)]) -> Result<Option<NotifyConfig>, NotifyError> {
        let variable = |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| OsString::from(value));
        NotifyConfig::from_env(variable, PID)
    }

    #[test]
    fn without_a_socket_there_is_no_config() {
        for variables in [&[][..], &[("NOTIFY_SOCKET", "")], &[("WATCHDOG_USEC", "30000000")], &[("WATCHDOG_USEC", "x")]] {
            assert!(matches!(from_env(variables), Ok(None)), "{variables:?}");
        }
    }

    #[test]
    fn a_socket_is_a_path_or_an_abstract_name() {
        let path = from_env(&[("NOTIFY_SOCKET", "/run/systemd/notify")]).unwrap().unwrap();
        assert_eq!(path.address.as_pathname(), Some("/run/systemd/notify".as_ref()));
        assert_eq!(path.watchdog, None);
        #[cfg(target_os = "linux")]
        {
            use std::os::linux::net::SocketAddrExt;

            let name = from_env(&[("NOTIFY_SOCKET", "@run/notify")]).unwrap().unwrap();
            assert_eq!(name.address.as_abstract_name(), Some(&b"run/notify"[..]));
        }
    }

    #[test]
    fn the_watchdog_applies_to_the_process_that_it_names() {
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
            assert_eq!(from_env(&variables).unwrap().unwrap().watchdog, watchdog, "{variables:?}");
        }
    }

    #[test]
    fn invalid_variables_are_rejected_with_a_remedy() {
        let long = format!("/{}", "x".repeat(200));
        let remedy = "; leave it as systemd sets it, or unset it";
        for (name, value, problem) in [
            ("NOTIFY_SOCKET", "run/notify", "which is neither an absolute path nor an abstract `@name`"),
            ("NOTIFY_SOCKET", "vsock:2:1", "which is neither an absolute path nor an abstract `@name`"),
            ("NOTIFY_SOCKET", &long, "which is not a valid socket address: path must be shorter than SUN_LEN"),
            ("WATCHDOG_USEC", "30s", "which is not a positive integer"),
            ("WATCHDOG_USEC", "0", "which is not a positive integer"),
            ("WATCHDOG_USEC", "-1", "which is not a positive integer"),
            ("WATCHDOG_PID", "self", "which is not a positive integer"),
        ] {
            let error = from_env(&[(name, value), ("NOTIFY_SOCKET", "/run/notify")]).unwrap_err();
            assert_eq!(error.to_string(), format!("`{name}` is {value:?}, {problem}{remedy}"));
            assert_eq!(format!("{error:?}"), error.to_string());
        }
    }
}
