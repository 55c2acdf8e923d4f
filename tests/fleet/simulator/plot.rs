//! The samples of a scenario as an SVG picture: four panels over time, with a line for each policy.

use std::fmt::Write;

use super::policy::Policy;
use super::scenario::{Scenario, WARM_UP};
use super::simulation::{Figures, Sample};

/// Colours that readers with a colour vision deficiency can distinguish (Okabe and Ito).
const COLOURS: [&str; 8] = ["#d55e00", "#e69f00", "#cc79a7", "#999999", "#56b4e9", "#009e73", "#0072b2", "#000000"];

const WIDTH: f64 = 760.0;
const PANEL_HEIGHT: f64 = 110.0;
const PANEL_STEP: f64 = 150.0;
const LEFT: f64 = 56.0;
const TOP: f64 = 92.0;
const LEGEND_COLUMNS: usize = 4;

/// One panel.
struct Panel {
    title: &'static str,
    value: fn(&Sample) -> f64,
    /// Values are multiplied by this for the labels.
    scale: f64,
    unit: &'static str,
}

const PANELS: [Panel; 4] = [
    Panel { title: "ready replicas", value: |sample| sample.ready, scale: 100.0, unit: "%" },
    Panel { title: "queries a second on the dependency, for each replica", value: |sample| sample.queries, scale: 1.0, unit: "" },
    Panel { title: "failed requests", value: |sample| sample.failed, scale: 100.0, unit: "%" },
    Panel { title: "restarts so far, for each replica", value: |sample| sample.restarts, scale: 1.0, unit: "" },
];

/// Returns the picture.
pub(crate) fn plot(scenario: &Scenario, compared: &[(Policy, Figures)]) -> String {
    let (width, height) = (LEFT + WIDTH + 20.0, TOP + PANEL_STEP * PANELS.len() as f64 + 10.0);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n"
    );
    text(&mut svg, LEFT, 22.0, "start\" font-size=\"15", scenario.title);
    for (number, (policy, _)) in compared.iter().enumerate() {
        let (column, row) = ((number % LEGEND_COLUMNS) as f64, (number / LEGEND_COLUMNS) as f64);
        let (x, y) = (LEFT + column * WIDTH / LEGEND_COLUMNS as f64, 44.0 + row * 18.0);
        let _ = writeln!(svg, "<path d=\"M{x} {:.1}h18\" stroke=\"{}\" stroke-width=\"3\"/>", y - 4.0, COLOURS[number]);
        text(&mut svg, x + 24.0, y, "start", policy.name());
    }
    for (number, panel) in PANELS.iter().enumerate() {
        draw(&mut svg, panel, TOP + PANEL_STEP * number as f64, scenario, compared);
    }
    svg.push_str("</svg>\n");
    svg
}

/// Draws a panel with its upper edge at `top`.
fn draw(svg: &mut String, panel: &Panel, top: f64, scenario: &Scenario, compared: &[(Policy, Figures)]) {
    let bottom = top + 16.0 + PANEL_HEIGHT;
    let x = |seconds: f64| LEFT + seconds / scenario.length().as_secs_f64() * WIDTH;
    let values = compared.iter().flat_map(|(_, figures)| figures.samples.iter().map(panel.value));
    let limit = round_up(values.fold(0.0, f64::max) * panel.scale) / panel.scale;
    let y = |value: f64| bottom - value / limit * PANEL_HEIGHT;
    text(svg, LEFT, top + 8.0, "start\" font-weight=\"bold", panel.title);
    let (from, to) = (x(WARM_UP.as_secs_f64()), x(scenario.faults_end_at().as_secs_f64()));
    let (upper, width) = (bottom - PANEL_HEIGHT, to - from);
    let _ =
        writeln!(svg, "<rect x=\"{from:.1}\" y=\"{upper:.1}\" width=\"{width:.1}\" height=\"{PANEL_HEIGHT}\" fill=\"#eee\"/>");
    for part in [0.0, 0.5, 1.0] {
        let height = y(limit * part);
        let _ = writeln!(svg, "<path d=\"M{LEFT} {height:.1}h{WIDTH}\" stroke=\"#bbb\" stroke-width=\"0.5\"/>");
        text(svg, LEFT - 6.0, height + 4.0, "end", &format!("{}{}", limit * part * panel.scale, panel.unit));
    }
    for minute in (0..=scenario.length().as_secs() / 60).step_by(2) {
        text(svg, x(minute as f64 * 60.0), bottom + 14.0, "middle", &format!("{minute} min"));
    }
    for ((_, figures), colour) in compared.iter().zip(COLOURS) {
        // The first sample has no second before it.
        let points = figures.samples.iter().enumerate().skip(1);
        let points: Vec<String> =
            points.map(|(second, sample)| format!("{:.1},{:.1}", x(second as f64), y((panel.value)(sample)))).collect();
        let points = points.join(" ");
        let _ = writeln!(svg, "<polyline points=\"{points}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.5\"/>");
    }
}

/// Returns the next of 1, 2, 5, 10, 20, 50 and so on, where a rounding error does not count. 1 for zero.
fn round_up(value: f64) -> f64 {
    let mut limits = (0..9).flat_map(|power| [1.0, 2.0, 5.0].map(|digit| digit * 10_f64.powi(power)));
    limits.find(|limit| *limit * 1.000_001 >= value).unwrap_or(value)
}

/// Writes a text without characters that XML reserves.
fn text(svg: &mut String, x: f64, y: f64, anchor: &str, text: &str) {
    let _ = writeln!(svg, "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{text}</text>");
}
