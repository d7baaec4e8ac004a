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
    !once(document, set, &mut HashSet::new()) || set.items.iter().any(|item| inner(&item.node))
}

/// Whether each key of a selection comes once. It ends at the first one that comes again.
fn once<'a>(
    document: &'a ExecutableDocument,
    set: &'a SelectionSet,
    keys: &mut HashSet<&'a str>,
) -> bool {
    set.items.iter().all(|item| match &item.node {
        Selection::Field(field) => keys.insert(field.node.response_key().node.as_str()),
        Selection::InlineFragment(fragment) => {
            once(document, &fragment.node.selection_set.node, keys)
        }
        Selection::FragmentSpread(spread) => {
            let fragment = document.fragments.get(&spread.node.fragment_name.node);
            fragment.is_none_or(|found| once(document, &found.node.selection_set.node, keys))
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
    fn fragments_that_are_spread_again_and_again_take_no_time() {
        let mut text = "{ ...F0 ...F0 }".to_owned();
        for nth in 0..60 {
            text += &format!(" fragment F{nth} on A {{ ...F{0} ...F{0} }}", nth + 1);
        }
        text += " fragment F60 on A { a }";
        assert!(any(&parse_query(&text).expect("a document")));
    }
}
