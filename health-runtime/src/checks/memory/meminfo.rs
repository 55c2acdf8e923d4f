//! The memory of the whole machine, from `/proc/meminfo`.

use std::fs;
use std::io;
use std::path::Path;

use super::usage::{Figures, invalid, number};

pub(super) fn figures(root: &Path) -> io::Result<Figures> {
    parse(&fs::read_to_string(root.join("proc/meminfo"))?)
}

/// Available is what the kernel can give without swapping, page cache included.
fn parse(text: &str) -> io::Result<Figures> {
    let bytes = |key: &str| {
        let mut lines = text.lines();
        let kilobytes = lines.find_map(|line| line.strip_prefix(key)?.strip_prefix(':')?.trim().strip_suffix(" kB"));
        let kilobytes = kilobytes.ok_or_else(|| invalid(format!("/proc/meminfo has no `{key}`")))?;
        Ok::<_, io::Error>(number(kilobytes)?.saturating_mul(1024))
    };
    let limit = bytes("MemTotal")?;
    Ok(Figures { used: limit.saturating_sub(bytes("MemAvailable")?), limit })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_available_is_not_used() {
        let text =
            "MemTotal:       24684084 kB\nMemFree:          100000 kB\nMemAvailable:   24290704 kB\nHugePages_Total:       0\n";
        assert_eq!(parse(text).unwrap(), Figures { used: 393_380 * 1024, limit: 24_684_084 * 1024 });
    }

    #[test]
    fn another_text_is_refused() {
        for (text, expected) in [
            ("", "/proc/meminfo has no `MemTotal`"),
            ("MemTotal: 1 kB\nMemAvail: 1 kB\n", "/proc/meminfo has no `MemAvailable`"),
            ("MemTotal: 1 GB\nMemAvailable: 1 kB\n", "/proc/meminfo has no `MemTotal`"),
            ("MemTotal: one kB\nMemAvailable: 1 kB\n", "`one` is no number"),
        ] {
            let error = parse(text).unwrap_err();
            assert_eq!((error.kind(), error.to_string().as_str()), (io::ErrorKind::InvalidData, expected), "{text:?}");
        }
    }
}
