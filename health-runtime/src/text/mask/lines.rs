//! Values of more than one line, which their indentation ends: block scalars and lists of YAML, folded headers.

use super::delimited::{Delimited, delimited, with_adjacent};
use super::pair::pair;
use super::place::Place;
use super::source::Source;
use super::trim::trim;

/// A value that begins on the next line: more indentation, a list, or a line that is not a pair.
pub(super) fn next_lines(source: Source<'_>, line_break: usize, place: Place) -> Option<(usize, usize)> {
    let line = source.skip_whitespace(line_break);
    let first = source.byte(line)?;
    let indent = indent_before(source, line);
    if let Some(Delimited::Quoted(end) | Delimited::Bracketed(end)) = delimited(source, line) {
        return Some((line, with_adjacent(source, end)));
    }
    if indent > place.indent || first == b'-' && indent == place.indent {
        let mut end = continued(source, source.line_end(line), place.indent);
        while source.byte(source.skip_whitespace(end)) == Some(b'-')
            && indent_before(source, source.skip_whitespace(end)) == place.indent
        {
            end = continued(source, source.line_end(source.skip_whitespace(end)), place.indent);
        }
        return Some((line, trim(source, line, end)));
    }
    (pair(source, line, 1, true) != Some(place.separator)).then(|| (line, trim(source, line, source.line_end(line))))
}

/// Adds the lines with more indentation than `indent`, and indented lines that are not pairs.
pub(super) fn continued(source: Source<'_>, mut end: usize, indent: usize) -> usize {
    loop {
        let next = source.skip_whitespace(end);
        let next_indent = indent_before(source, next);
        let is_inside = next_indent > indent || next_indent > 0 && pair(source, next, 1, true).is_none();
        if next >= source.len() || !is_inside {
            return end;
        }
        end = source.line_end(next);
    }
}

/// The number of spaces and tabs before `at`.
fn indent_before(source: Source<'_>, at: usize) -> usize {
    let mut start = at;
    while source.byte_before(start).is_some_and(|byte| matches!(byte, b' ' | b'\t')) {
        start -= 1;
    }
    at - start
}
