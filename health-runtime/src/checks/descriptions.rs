//! The default descriptions of the built-in checks.

#![allow(dead_code, reason = "each feature of a built-in check uses it")]

/// Returns a sentence about what a check type asks. It names no setting, since a setting may be an address or a secret.
pub(super) fn describe(check: &str) -> Option<&'static str> {
    Some(match check {
        "Disk" => "The file system of a path is not read-only and has free space and inodes.",
        "Dns" => "A name resolves to addresses.",
        "FileDescriptors" => "The process has free file descriptors.",
        "Http" => "A URL returns an expected response.",
        "Memcached" => "A memcached responds to a request.",
        "Memory" => "The used memory is below the limit of the container or the machine.",
        "Migrations" => "The database has the migrations of this program.",
        "Redis" => "A Redis responds to a ping, and its role and cluster allow what this service needs.",
        "Sqlx" => "The database responds to a query over a connection of the pool.",
        "Tcp" => "A host accepts connections.",
        "Tls" => "The TLS certificates are valid for some time.",
        _ => return None,
    })
}

#[cfg(all(
    test,
    feature = "disk",
    feature = "dns",
    feature = "file_descriptors",
    feature = "http",
    feature = "memcached",
    feature = "memory",
    feature = "redis",
    feature = "sqlx-migrate",
    feature = "tcp",
    feature = "tls"
))]
mod tests {
    use crate::Check;
    use crate::checks::{Disk, Dns, FileDescriptors, Http, Memcached, Memory, Migrations, Redis, Sqlx, Tcp, Tls};

    #[tokio::test]
    async fn every_builtin_check_has_a_description_without_its_settings() {
        let client = redis::Client::open("redis://:hunter2@secret.internal/").unwrap();
        let pool = sqlx::SqlitePool::connect_lazy("sqlite:///secret/internal.db").unwrap();
        let checks = [
            Check::readiness("disk", Disk::builder("/secret/internal").build().unwrap()),
            Check::readiness("dns", Dns::builder("secret.internal").build().unwrap()),
            Check::readiness("descriptors", FileDescriptors::builder().build().unwrap()),
            Check::readiness("http", Http::get("http://secret.internal/").build().unwrap()),
            Check::readiness("memcached", Memcached::builder("secret.internal:1").build().unwrap()),
            Check::readiness("memory", Memory::builder().build().unwrap()),
            Check::readiness("redis", Redis::builder(client).build().unwrap()),
            Check::readiness("migrations", Migrations::builder(pool.clone(), &sqlx::migrate::Migrator::DEFAULT).build().unwrap()),
            Check::readiness("sqlx", Sqlx::builder(pool).build().unwrap()),
            Check::readiness("tcp", Tcp::builder("secret.internal:1").build().unwrap()),
            Check::readiness("tls", Tls::host("secret.internal:1").build().unwrap()),
        ];
        for check in checks {
            let description = check.policy.description.as_deref().unwrap_or_default();
            let is_sentence = description.ends_with('.') && !description.contains("secret") && !description.contains("hunter2");
            assert!(is_sentence, "{}: {description:?}", check.name);
        }
        let memory = Memory::builder().build().unwrap();
        let described = Check::liveness("memory", memory.clone()).description("The limit of the pod.");
        assert_eq!(described.policy.description.as_deref(), Some("The limit of the pod."));
        let expected = "The used memory is below the limit of the container or the machine.";
        assert_eq!(Check::liveness("memory", memory).policy.description.as_deref(), Some(expected));
        assert_eq!(Check::readiness("closure", || async {}).policy.description, None);
    }
}
