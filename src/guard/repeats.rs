//! Whether a key of the answer comes twice in one selection, by itself or by way of fragments. Of such a document the
//! library merges what is answered.

use std::collections::HashSet;

use async_graphql::parser::types::{ExecutableDocument, Selection, SelectionSet};

/// Whether one comes twice in any selection of a document, which has passed the limits and has no cycle.
pub(super) fn any(document: &ExecutableDocument) -> bool {
    let operations = document.operations.iter().map(|(_, operation)| &operation.node.selection_set);
    let fragments = document.fragments.values().map(|fragment| &fragment.node.selection_set);
    operations.chain(fragments).any(|set| below(document, &set.node))
}

fn below(document: &ExecutableDocument, set: &SelectionSet) -> bool {
    let inner = |selection: &Selection| match selection {
        Selection::Field(field) => below(document, &field.node.selection_set.node),
        Selection::InlineFragment(fragment) => below(document, &fragment.node.selection_set.node),
        // Looked through where it is defined.
        Selection::FragmentSpread(_) => false,
    };
    !once(document, set, &mut Met::default()) || set.items.iter().any(|item| inner(&item.node))
}

/// What was met in a selection.
#[derive(Default)]
struct Met<'a> {
    keys: HashSet<&'a str>,
    fragments: HashSet<&'a str>,
}

/// Whether each key of a selection comes once. A fragment is looked through once as well: what it holds would come
/// twice.
fn once<'a>(document: &'a ExecutableDocument, set: &'a SelectionSet, met: &mut Met<'a>) -> bool {
    set.items.iter().all(|item| match &item.node {
        Selection::Field(field) => met.keys.insert(field.node.response_key().node.as_str()),
        Selection::InlineFragment(fragment) => {
            once(document, &fragment.node.selection_set.node, met)
        }
        Selection::FragmentSpread(spread) => {
            let name = &spread.node.fragment_name.node;
            let fragment = document.fragments.get(name);
            met.fragments.insert(name.as_str())
                && fragment.is_none_or(|found| once(document, &found.node.selection_set.node, met))
        }
    })
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;

    use super::*;

    #[test]
    fn what_comes_twice_is_found_wherever_it_stands() {
        for text in [
            "{ a a }",
            "{ a { b } a { c } }",
            "{ x { b: a b } }",
            "{ x { a ... on X { a } } }",
            "{ x { ...F a } } fragment F on X { y { z } ...G } fragment G on X { a }",
            "{ x { ...F } } fragment F on X { a a }",
            "query A { a } query B { x { y { c c } } }",
            "{ ... on Query { x { a } } ... { x { b } } }",
        ] {
            assert!(any(&parse_query(text).expect("a document")), "{text}");
        }
    }

    #[test]
    fn the_same_key_in_different_selections_comes_once() {
        let text = "{ a { id b { id ...F } } c: a { id } } fragment F on B { a { id } }";
        assert!(!any(&parse_query(text).expect("a document")));
    }

    #[test]
    fn fragments_that_are_spread_again_and_again_are_looked_through_once() {
        // A fragment that leads to nothing has no key that could come again.
        for last in ["fragment F60 on A { a }", ""] {
            let mut text = format!("{{ a }} {last}");
            for nth in 0..60 {
                text += &format!(" fragment F{nth} on A {{ ...F{0} ...F{0} ...F{0} }}", nth + 1);
            }
            assert!(any(&parse_query(&text).expect("a document")));
        }
    }
}
