//! The doc comment of a function → the default of `description`.

use syn::{Attribute, Expr, ExprLit, Lit};

/// Returns the first paragraph with its lines joined. Ignores docs that are not a literal, such as
/// `#[doc = include_str!("…")]`.
pub(crate) fn first_paragraph(attributes: &[Attribute]) -> Option<String> {
    let lines = attributes.iter().filter_map(text).flat_map(|text| lines(&text));
    let paragraph: Vec<String> = lines.skip_while(String::is_empty).take_while(|line| !line.is_empty()).collect();
    (!paragraph.is_empty()).then(|| paragraph.join(" "))
}

fn text(attribute: &Attribute) -> Option<String> {
    let doc = attribute.meta.require_name_value().ok().filter(|meta| meta.path.is_ident("doc"))?;
    literal(&doc.value)
}

/// A fragment of a `macro_rules!` is in an invisible group.
fn literal(value: &Expr) -> Option<String> {
    match value {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value()),
        Expr::Group(group) => literal(&group.expr),
        _ => None,
    }
}

/// Returns the trimmed lines, without the column of stars that a `/** … */` may have.
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
    fn docs_that_are_not_a_literal_are_ignored() {
        let attributes: Vec<Attribute> = vec![parse_quote!(#[doc = include_str!("x.md")]), parse_quote!(#[doc(hidden)])];
        assert_eq!(first_paragraph(&attributes), None);
        assert_eq!(first_paragraph(&[parse_quote!(#[doc = " "])]), None);
    }
}
