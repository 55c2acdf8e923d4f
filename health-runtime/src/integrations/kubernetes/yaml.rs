//! The text: every value a number or a quoted string of harmless characters, every comment a reason.

use std::fmt;
use std::time::Duration;

use super::port::Port;
use super::summary::Declared;
use super::timings::{Figures, Rhythm};
use crate::core::model::status::Kind;

/// With less than this between the deadline and the end of the kubelet's patience, a comment says so.
const LITTLE: Duration = Duration::from_millis(50);

/// The probes as text. Made by [`Probes::yaml`](super::Probes::yaml); `Display` shows all of it, not indented.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Yaml {
    container: Vec<String>,
    pod: Vec<String>,
}

/// What one probe asks.
pub(super) struct Probe<'p> {
    pub(super) kind: Kind,
    pub(super) path: String,
    pub(super) port: &'p Port,
    pub(super) https: bool,
}

/// How long the server waits for its connections.
#[derive(Clone, Copy)]
pub(super) struct Shutdown {
    pub(super) seconds: u64,
    pub(super) assumed: bool,
}

impl Yaml {
    pub(super) fn new(declared: &Declared, figures: &Figures, probes: &[Probe<'_>], shutdown: Shutdown) -> Self {
        let mut container = vec![format!(
            "# Written by health_runtime for a deadline of {:?}; write it anew when that or a check changes.",
            declared.deadline
        )];
        for probe in probes {
            container.extend(probe.lines(declared, figures));
        }
        Self { container, pod: pod(declared, figures, shutdown) }
    }

    /// `livenessProbe`, `readinessProbe` and `startupProbe`, for a container, each line behind so many spaces.
    pub fn container(&self, indent: usize) -> String {
        indented(&self.container, indent)
    }

    /// `terminationGracePeriodSeconds`, for the specification of a pod, each line behind so many spaces.
    pub fn pod(&self, indent: usize) -> String {
        indented(&self.pod, indent)
    }
}

impl fmt::Display for Yaml {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.pod(0), self.container(0))
    }
}

impl Probe<'_> {
    fn lines(&self, declared: &Declared, figures: &Figures) -> Vec<String> {
        let (rhythm, why) = self.rhythm(figures);
        let Rhythm { period, failures } = rhythm;
        let (effect, without_checks, success) = self.words();
        let mut lines = vec![format!("{}Probe: # when it fails: {effect}", self.kind)];
        lines.extend(declared.lines(self.kind).map(|check| format!("  # {check}")));
        if lines.len() == 1 {
            lines.push(format!("  # no check is {}: {without_checks}", self.kind));
        }
        lines.push("  httpGet:".to_owned());
        lines.push(format!("    path: \"{}\"", self.path));
        lines.push(format!(
            "    port: {}{}",
            self.port,
            if matches!(self.port, Port::Name(_)) { " # named in `ports:`" } else { "" }
        ));
        if self.https {
            lines.push("    scheme: HTTPS # the kubelet looks at no certificate".to_owned());
        }
        lines.push(format!("  timeoutSeconds: {} # {}", figures.timeout, timeout_reason(figures.timeout, declared.deadline)));
        lines.push(format!("  periodSeconds: {period}"));
        lines.push(format!("  failureThreshold: {failures} # {why}"));
        lines.push(format!("  successThreshold: 1 # {success}"));
        lines
    }

    fn rhythm(&self, figures: &Figures) -> (Rhythm, String) {
        let Figures { liveness, readiness, startup, startup_budget, budget_from, .. } = figures;
        match self.kind {
            Kind::Liveness => (*liveness, format!("failures in a row, about {}s: a restart is dear", liveness.total())),
            Kind::Readiness => (*readiness, "failures in a row: one slow answer takes no pod out of rotation".to_owned()),
            Kind::Startup => {
                let total = startup.total();
                (*startup, format!("{total}s in all, for a startup budget of {startup_budget:?}, {budget_from}"))
            }
        }
    }

    /// What the kubelet does when it fails, what it means without checks, and why one success is enough.
    fn words(&self) -> (&'static str, &'static str, &'static str) {
        let no_other = "Kubernetes takes no other here";
        match self.kind {
            Kind::Liveness => ("the container is restarted", "it passes as long as the server answers", no_other),
            Kind::Readiness => (
                "the pod gets no traffic from Services",
                "it fails only while the program starts or drains",
                "back in rotation with the first good answer",
            ),
            Kind::Startup => (
                "the container is restarted; until it passes the others wait",
                "it passes as soon as the server answers",
                no_other,
            ),
        }
    }
}

fn timeout_reason(timeout: u64, deadline: Duration) -> String {
    let left = Duration::from_secs(timeout).saturating_sub(deadline);
    let above = "the first whole second above the deadline";
    if left < LITTLE { format!("{above}, which leaves only {left:?} for the way; lower the deadline") } else { above.to_owned() }
}

fn pod(declared: &Declared, figures: &Figures, shutdown: Shutdown) -> Vec<String> {
    let (delay, grace_period) = (declared.drain_delay, figures.grace_period);
    let seconds = shutdown.seconds;
    let mut lines = vec![format!(
        "# After SIGTERM: {delay:?} of drain delay, up to {seconds}s of shutdown timeout, and a rest for the program."
    )];
    if shutdown.assumed {
        lines.push(format!(
            "# Assumed: the server is built with `.shutdown_timeout({seconds})`; without that call actix-web waits for 30s."
        ));
    }
    lines.push(format!("terminationGracePeriodSeconds: {grace_period}"));
    lines
}

fn indented(lines: &[String], indent: usize) -> String {
    let spaces = " ".repeat(indent);
    lines.iter().flat_map(|line| [spaces.as_str(), line, "\n"]).collect()
}
