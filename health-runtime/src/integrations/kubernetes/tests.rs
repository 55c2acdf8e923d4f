//! The text for whole programs, and for settings that are refused.

use std::time::Duration;

use super::Probes;
use super::summary::Declared;
use crate::{Check, Health, HealthBuilder, Kind};

fn builder() -> HealthBuilder {
    Health::builder().linked_checks(false)
}

fn problems(probes: &Probes) -> String {
    probes.yaml().expect_err("these settings are refused").to_string()
}

const SMALL: &str = r#"# After SIGTERM: 5s of drain delay, up to 20s of shutdown timeout, and a rest for the program.
# Assumed: the server is built with `.shutdown_timeout(20)`; without that call actix-web waits for 30s.
terminationGracePeriodSeconds: 30
# Written by health_runtime for a deadline of 900ms; write it anew when that or a check changes.
livenessProbe: # when it fails: the container is restarted
  # no check is liveness: it passes as long as the server answers
  httpGet:
    path: "/livez"
    port: 8080
  timeoutSeconds: 1 # the first whole second above the deadline
  periodSeconds: 10
  failureThreshold: 3 # failures in a row, about 30s: a restart is dear
  successThreshold: 1 # Kubernetes takes no other here
readinessProbe: # when it fails: the pod gets no traffic from Services
  # database: critical, timeout 750ms
  httpGet:
    path: "/readyz"
    port: 8080
  timeoutSeconds: 1 # the first whole second above the deadline
  periodSeconds: 5
  failureThreshold: 2 # failures in a row: one slow answer takes no pod out of rotation
  successThreshold: 1 # back in rotation with the first good answer
startupProbe: # when it fails: the container is restarted; until it passes the others wait
  # no check is startup: it passes as soon as the server answers
  httpGet:
    path: "/startupz"
    port: 8080
  timeoutSeconds: 1 # the first whole second above the deadline
  periodSeconds: 2
  failureThreshold: 30 # 60s in all, for a startup budget of 60s, which is assumed
  successThreshold: 1 # Kubernetes takes no other here
"#;

#[tokio::test]
async fn one_check_and_no_settings() {
    let health = builder().check(Check::readiness("database", || async {}).description("SECRET")).start().unwrap();
    let yaml = Probes::new(&health, 8080).yaml().unwrap();
    assert_eq!(yaml.to_string(), SMALL);
    assert_eq!(yaml, Probes::new(&health, 8080).yaml().unwrap());
}

const FULL: &str = r#"        # Written by health_runtime for a deadline of 2.96s; write it anew when that or a check changes.
        livenessProbe: # when it fails: the container is restarted
          # heartbeat: critical, timeout 100ms
          httpGet:
            path: "/internal/health/live"
            port: "http" # named in `ports:`
            scheme: HTTPS # the kubelet looks at no certificate
          timeoutSeconds: 3 # the first whole second above the deadline, which leaves only 40ms for the way; lower the deadline
          periodSeconds: 10
          failureThreshold: 3 # failures in a row, about 30s: a restart is dear
          successThreshold: 1 # Kubernetes takes no other here
        readinessProbe: # when it fails: the pod gets no traffic from Services
          # backup: not critical, timeout 30s, in the background every 60s
          # report: critical, timeout 5s, above the deadline: no probe waits for it; give it an interval
          # stream: critical, reported by the application every 10s
          # told: not critical, reported by the application
          httpGet:
            path: "/internal/readyz"
            port: "http" # named in `ports:`
            scheme: HTTPS # the kubelet looks at no certificate
          timeoutSeconds: 3 # the first whole second above the deadline, which leaves only 40ms for the way; lower the deadline
          periodSeconds: 4
          failureThreshold: 2 # failures in a row: one slow answer takes no pod out of rotation
          successThreshold: 1 # back in rotation with the first good answer
        startupProbe: # when it fails: the container is restarted; until it passes the others wait
          # backup: not critical, timeout 30s, in the background every 60s
          httpGet:
            path: "/internal/startupz"
            port: "http" # named in `ports:`
            scheme: HTTPS # the kubelet looks at no certificate
          timeoutSeconds: 3 # the first whole second above the deadline, which leaves only 40ms for the way; lower the deadline
          periodSeconds: 3
          failureThreshold: 64 # 192s in all, for a startup budget of 192s, which the slowest startup check needs
          successThreshold: 1 # Kubernetes takes no other here
"#;

#[tokio::test]
async fn every_sort_of_check_and_every_setting() {
    let seconds = Duration::from_secs;
    let health = builder()
        .deadline(Duration::from_millis(2960))
        .drain_delay(Duration::from_millis(7500))
        .check(Check::liveness("heartbeat", || async {}).timeout(Duration::from_millis(100)))
        .check(Check::readiness("report", || async {}).timeout(seconds(5)))
        .check(Check::reported("stream", Kind::Readiness).interval(seconds(10)))
        .check(Check::reported("told", Kind::Readiness).critical(false))
        .check(
            Check::startup("backup", || async {}).and(Kind::Readiness).critical(false).timeout(seconds(30)).interval(seconds(60)),
        )
        .start()
        .unwrap();
    let probes = Probes::new(&health, "http")
        .https()
        .at("internal/")
        .path(Kind::Liveness, "/health/live")
        .period(Kind::Readiness, seconds(4))
        .shutdown_timeout(30);
    let yaml = probes.yaml().unwrap();
    assert_eq!(yaml.container(8), FULL);
    assert_eq!(
        yaml.pod(2),
        "  # After SIGTERM: 7.5s of drain delay, up to 30s of shutdown timeout, and a rest for the program.\n  \
         terminationGracePeriodSeconds: 43\n"
    );
    let given = probes.startup_budget(seconds(7)).yaml().unwrap().container(0);
    assert!(given.contains("failureThreshold: 3 # 9s in all, for a startup budget of 7s, as given"), "{given}");
}

#[tokio::test]
async fn every_bad_setting_is_named_at_once_with_a_remedy() {
    let probes = Probes::new(&health_of(900), 0)
        .at("/a b")
        .path(Kind::Readiness, "/r\n  command: [\"rm\"]")
        .startup_budget(Duration::ZERO)
        .period(Kind::Liveness, Duration::from_millis(1500))
        .period(Kind::Startup, Duration::ZERO);
    let expected = r#"the probes cannot be written; 6 problems:
  `port` is 0, which nobody can ask; give the one that the server binds, such as 8080
  `at` is given "/a b"; use letters, digits and `/ - . _ ~ ! $ & ' ( ) * + , ; = : @` only
  `path` is given "/r\n  command: [\"rm\"]"; use letters, digits and `/ - . _ ~ ! $ & ' ( ) * + , ; = : @` only
  `startup_budget` is zero, so no container could ever start; give the time that a slow start takes, such as 60s
  `period` of liveness is 1.5s, but Kubernetes counts whole seconds; give 2s
  `period` of startup is 0ns, but an answer may take the deadline of 900ms; give at least 1s"#;
    assert_eq!(problems(&probes), expected);
    assert_eq!(format!("{:?}", probes.yaml().unwrap_err()), expected);
    let twins = Probes::new(&health_of(900), 80).path(Kind::Startup, "livez/");
    assert!(problems(&twins).ends_with("\n  \"/livez\" is the path of two kinds; give each one of its own with `path`"));
    let host = Probes::new(&health_of(900), 80).at("//elsewhere");
    assert!(problems(&host).ends_with("\n  `at` is given \"//elsewhere\"; write single slashes"));
}

#[test]
fn nothing_is_too_long_to_be_refused() {
    let declared = Declared::without_checks(Duration::MAX, Duration::MAX);
    let probes = Probes::of(declared, 80.into()).shutdown_timeout(u64::MAX).startup_budget(Duration::MAX);
    let said = problems(&probes.period(Kind::Liveness, Duration::MAX).period(Kind::Startup, Duration::from_secs(1)));
    assert_eq!(said.matches("longer than a day; give at most 86400s").count(), 5, "{said}");
}

fn health_of(deadline: u64) -> Health {
    builder().deadline(Duration::from_millis(deadline)).start().unwrap()
}

#[tokio::test]
async fn names_of_ports_are_those_of_kubernetes() {
    let health = health_of(900);
    for name in ["http", "a", "no", "1e3", "health-http-2", "abcdefghijklmno"] {
        let yaml = Probes::new(&health, name).yaml().unwrap().container(0);
        assert_eq!(yaml.matches(&format!("port: \"{name}\" #")).count(), 3, "{yaml}");
    }
    for name in ["", "-http", "http-", "a--b", "HTTP", "abcdefghijklmnop", "1-2", "http\n", "a b", "\"", "é"] {
        let said = problems(&Probes::new(&health, name));
        assert!(said.contains(&format!("{name:?}, which Kubernetes does not take")), "{said}");
    }
    assert!(problems(&Probes::new(&health, "8080")).contains("give the number without quotes"));
}

#[tokio::test]
async fn the_root_is_a_path() {
    let yaml = Probes::new(&health_of(900), 80).path(Kind::Liveness, "/").yaml().unwrap();
    assert!(yaml.container(0).contains("path: \"/\"\n"));
}
