//! The cost of an operation: the most objects that it can return. A page multiplies what stands in
//! its edges, a list of ids what stands in each object. Each fragment is walked once for a request.

use std::collections::HashMap;

use async_graphql::parser::types::{ExecutableDocument, Field, OperationDefinition};
use async_graphql::parser::types::{Selection, SelectionSet};
use async_graphql::{Name, Value, Variables};

/// The length of a page that does not say `first` or `last`.
const PAGE: u64 = 20;

/// What a selection set costs.
#[derive(Clone, Copy, Default)]
struct Sum {
    /// Objects that are there once.
    once: u64,
    /// Objects that are there for each edge; `None` outside a connection.
    edge: Option<u64>,
}

/// The most objects that `operation` can return with `variables`, and whether variables matter. The
/// document's fragments must not form a cycle.
pub(super) fn of(
    document: &ExecutableDocument,
    operation: &OperationDefinition,
    variables: &Variables,
) -> (u64, bool) {
    let mut walk =
        Walk { document, operation, variables, fragments: HashMap::new(), varies: false };
    let sum = walk.set(&operation.selection_set.node);
    (sum.once.saturating_add(sum.edge.unwrap_or(0)), walk.varies)
}

struct Walk<'a> {
    document: &'a ExecutableDocument,
    operation: &'a OperationDefinition,
    variables: &'a Variables,
    fragments: HashMap<&'a str, Sum>,
    varies: bool,
}

impl<'a> Walk<'a> {
    fn set(&mut self, set: &'a SelectionSet) -> Sum {
        let mut total = Sum::default();
        for selection in &set.items {
            let sum = match &selection.node {
                Selection::Field(field) => self.field(&field.node),
                Selection::InlineFragment(inner) => self.set(&inner.node.selection_set.node),
                Selection::FragmentSpread(spread) => self.fragment(&spread.node.fragment_name.node),
            };
            total.once = total.once.saturating_add(sum.once);
            if let Some(edge) = sum.edge {
                total.edge = Some(total.edge.unwrap_or(0).saturating_add(edge));
            }
        }
        total
    }

    fn fragment(&mut self, name: &'a str) -> Sum {
        if let Some(sum) = self.fragments.get(name) {
            return *sum;
        }
        let sum = match self.document.fragments.get(name) {
            Some(fragment) => self.set(&fragment.node.selection_set.node),
            None => Sum::default(),
        };
        self.fragments.insert(name, sum);
        sum
    }

    fn field(&mut self, field: &'a Field) -> Sum {
        if field.selection_set.node.items.is_empty() {
            return Sum::default();
        }
        let inner = self.set(&field.selection_set.node);
        let object = inner.once.saturating_add(1);
        let length = self.length(field);
        let once = match (inner.edge, length) {
            (Some(edge), _) => object.saturating_add(edge.saturating_mul(length.unwrap_or(PAGE))),
            (None, Some(length)) => object.saturating_mul(length),
            (None, None) => object,
        };
        match field.name.node.as_str() {
            "edges" => Sum { once: 0, edge: Some(once) },
            _ => Sum { once, edge: None },
        }
    }

    /// How many objects the field's arguments ask for, if they say.
    fn length(&mut self, field: &'a Field) -> Option<u64> {
        let mut longest = None;
        for (name, value) in &field.arguments {
            if matches!(name.node.as_str(), "first" | "last" | "ids") {
                let value = value.node.clone().into_const_with(|name| {
                    self.varies = true;
                    self.variable(&name).cloned().ok_or(())
                });
                longest = longest.max(value.ok().as_ref().and_then(count));
            }
        }
        longest
    }

    fn variable(&self, name: &Name) -> Option<&'a Value> {
        self.variables.get(name).or_else(|| {
            let definitions = &self.operation.variable_definitions;
            let found = definitions.iter().find(|definition| definition.node.name.node == *name)?;
            found.node.default_value.as_ref().map(|value| &value.node)
        })
    }
}

/// Negative numbers are the resolver's to refuse; here they ask for nothing.
fn count(value: &Value) -> Option<u64> {
    match value {
        Value::Number(number) => {
            Some(number.as_u64().unwrap_or_else(|| number.as_f64().unwrap_or(0.0) as u64))
        }
        Value::List(items) => Some(items.len() as u64),
        _ => None,
    }
}
