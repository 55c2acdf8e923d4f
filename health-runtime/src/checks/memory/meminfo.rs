//! The memory of the machine, from `/proc/meminfo`.

use std::fs;
use std::io;
use std::path::Path;

use super::{MemoryUsage, invalid_data, parse_number};

pub(super) fn read_usage(root: &Path) -> io::Result<MemoryUsage> {
    parse(&fs::read_to_string(root.join("proc/meminfo"))?)
}

/// Available memory, which includes page cache, is not used: the kernel can provide it without swapping.
fn parse(text: &str) -> io::Result<MemoryUsage> {
    let bytes = |key: &str| {
        let mut lines = text.lines();
        let kilobytes = lines.find_map(|line| line.strip_prefix(key)?.strip_prefix(':')?.trim().strip_suffix(" kB"));
        let kilobytes = kilobytes.ok_or_else(|| invalid_data(format!("/proc/meminfo has no `{key}`")))?;
        Ok::<_, io::Error>(parse_number(kilobytes)?.saturating_mul(1024))
    };
    let limit_bytes = bytes("MemTotal")?;
    Ok(MemoryUsage { used_bytes: limit_bytes.saturating_sub(bytes("MemAvailable")?), limit_bytes })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn available_memory_is_not_used() {
        let text =
            "MemTotal:       24684084 kB\nMemFree:          100000 kB\nMemAvailable:   24290704 kB\nHugePages_Total:       0\n";
        assert_eq!(parse(text).unwrap(), MemoryUsage { used_bytes: 393_380 * 1024, limit_bytes: 24_684_084 * 1024 });
    }

    #[test]
    fn a_text_without_the_values_is_an_error() {
        for (text, expected) in [
            ("", "/proc/meminfo has no `MemTotal`"),
            ("MemTotal: 1 kB\nMemAvail: 1 kB\n", "/proc/meminfo has no `MemAvailable`"),
            ("MemTotal: 1 GB\nMemAvailable: 1 kB\n", "/proc/meminfo has no `MemTotal`"),
            ("MemTotal: one kB\nMemAvailable: 1 kB\n", "`one` is not a number"),
        ] {
            let error = parse(text).unwrap_err();
            assert_eq!((error.kind(), error.to_string().as_str()), (io::ErrorKind::InvalidData, expected), "{text:?}");
        }
    }
}
