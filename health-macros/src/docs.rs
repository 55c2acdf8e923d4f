//! The doc comment of a function → the default of `description`.

use syn::{Attribute, Expr, ExprLit, Lit, Meta};

/// The first paragraph, its lines joined. Docs that are no literal, such as `#[doc = include_str!("…")]`, are not read.
pub(crate) fn first_paragraph(attributes: &[Attribute]) -> Option<String> {
    let mut paragraph: Vec<String> = Vec::new();
    for line in attributes.iter().filter_map(text).flat_map(|text| lines(&text)) {
        match (line.is_empty(), paragraph.is_empty()) {
            (false, _) => paragraph.push(line),
            (true, true) => {}
            (true, false) => break,
        }
    }
    (!paragraph.is_empty()).then(|| paragraph.join(" "))
}

fn text(attribute: &Attribute) -> Option<String> {
    match &attribute.meta {
        Meta::NameValue(meta) if meta.path.is_ident("doc") => literal(&meta.value),
        _ => None,
    }
}

/// A fragment of a `macro_rules!` stands in an invisible group.
fn literal(value: &Expr) -> Option<String> {
    match value {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value()),
        Expr::Group(group) => literal(&group.expr),
        _ => None,
    }
}

/// Trimmed, and without the column of stars that a `/** … */` may have.
fn lines(text: &str) -> Vec<String> {
    let starred = text.contains('\n') && text.lines().skip(1).map(str::trim).all(|line| line.is_empty() || line.starts_with('*'));
    let bare = |line: &str| {
        let line = line.trim();
        if starred { line.strip_prefix('*').unwrap_or(line).trim().to_owned() } else { line.to_owned() }
    };
    if text.is_empty() { vec![String::new()] } else { text.lines().map(bare).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use syn::parse_quote;

    #[test]
    fn the_first_paragraph_is_joined() {
        let attributes: Vec<Attribute> = vec![
            parse_quote!(#[doc = ""]),
            parse_quote!(#[doc = " The orders database"]),
            parse_quote!(#[inline]),
            parse_quote!(#[doc = "  answers.  "]),
            parse_quote!(#[doc = ""]),
            parse_quote!(#[doc = " More."]),
        ];
        assert_eq!(first_paragraph(&attributes).as_deref(), Some("The orders database answers."));
    }

    #[test]
    fn block_comments_lose_their_stars() {
        let attributes: Vec<Attribute> = vec![parse_quote!(#[doc = "\n * The orders\n * database.\n *\n * More.\n "])];
        assert_eq!(first_paragraph(&attributes).as_deref(), Some("The orders database."));
        let attributes: Vec<Attribute> = vec![parse_quote!(#[doc = " The orders\n database. "])];
        assert_eq!(first_paragraph(&attributes).as_deref(), Some("The orders database."));
    }

    #[test]
    fn what_is_no_text_is_not_read() {
        let attributes: Vec<Attribute> = vec![parse_quote!(#[doc = include_str!("x.md")]), parse_quote!(#[doc(hidden)])];
        assert_eq!(first_paragraph(&attributes), None);
        assert_eq!(first_paragraph(&[parse_quote!(#[doc = " "])]), None);
    }
}
