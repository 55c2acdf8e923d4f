//! The memory of the machine, from `/proc/meminfo`.

use std::fs;
use std::io;
use std::path::Path;

use super::MemoryUsage;

pub(super) fn read_usage(root: &Path) -> io::Result<MemoryUsage> {
    parse(&fs::read_to_string(root.join("proc/meminfo"))?)
}

/// Available memory, which includes page cache, is not used: the kernel can provide it without swapping. A kernel or a sandbox
/// without that figure has its parts, and one that is missing counts as used.
fn parse(text: &str) -> io::Result<MemoryUsage> {
    let bytes = |key: &str| {
        let mut lines = text.lines();
        let kilobytes = lines.find_map(|line| line.strip_prefix(key)?.strip_prefix(':')?.trim().strip_suffix(" kB"))?;
        Some(kilobytes.trim().parse::<u64>().ok()?.saturating_mul(1024))
    };
    let missing = |key: &str| io::Error::new(io::ErrorKind::InvalidData, format!("/proc/meminfo has no `{key}`"));
    let limit_bytes = bytes("MemTotal").ok_or_else(|| missing("MemTotal"))?;
    let (available, may_include_cache) = if let Some(available) = bytes("MemAvailable") {
        (available, false)
    } else {
        let free = bytes("MemFree").ok_or_else(|| missing("MemAvailable"))?;
        let cached = bytes("Cached").zip(bytes("Shmem")).map(|(cached, shared)| cached.saturating_sub(shared));
        let others = ["Buffers", "SReclaimable"].map(|key| bytes(key).unwrap_or(0));
        (others.into_iter().fold(free.saturating_add(cached.unwrap_or(0)), u64::saturating_add), cached.is_none())
    };
    Ok(MemoryUsage { used_bytes: limit_bytes.saturating_sub(available), limit_bytes, may_include_cache })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn available_memory_is_not_used() {
        let sum = "MemFree: 100000 kB\nBuffers: 20000 kB\nCached: 7000 kB\nShmem: 3000 kB\nSReclaimable: 500 kB\n";
        for (text, used, may_include_cache) in [
            ("MemFree:     100000 kB\nMemAvailable:   24290704 kB\nHugePages_Total:       0\n", 393_380, false),
            ("MemFree: many\nMemAvailable:   24290704 kB\n", 393_380, false),
            // Without the figure, its parts count.
            (sum, 24_684_084 - 124_500, false),
            ("MemAvailable: ? kB\nMemFree: 100000 kB\nCached: 7000 kB\n", 24_584_084, true),
            ("MemFree: 100000 kB\n", 24_584_084, true),
        ] {
            let expected = MemoryUsage { used_bytes: used * 1024, limit_bytes: 24_684_084 * 1024, may_include_cache };
            assert_eq!(parse(&format!("MemTotal:       24684084 kB\n{text}")).unwrap(), expected, "{text:?}");
        }
    }

    #[test]
    fn a_text_without_the_values_is_an_error() {
        for (text, expected) in [
            ("", "/proc/meminfo has no `MemTotal`"),
            ("MemTotal: 1 kB\nMemAvail: 1 kB\n", "/proc/meminfo has no `MemAvailable`"),
            ("MemTotal: 1 GB\nMemAvailable: 1 kB\n", "/proc/meminfo has no `MemTotal`"),
            ("MemTotal: one kB\nMemAvailable: 1 kB\n", "/proc/meminfo has no `MemTotal`"),
        ] {
            let error = parse(text).unwrap_err();
            assert_eq!((error.kind(), error.to_string().as_str()), (io::ErrorKind::InvalidData, expected), "{text:?}");
        }
    }
}
