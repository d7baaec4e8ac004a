//! The shape of a parsed document: how much stands there once its fragments are expanded. Each
//! fragment is walked once; sums saturate, so that chained fragments cannot wrap them round.

use std::collections::HashMap;

use async_graphql::Positioned;
use async_graphql::parser::types::{ExecutableDocument, OperationDefinition};
use async_graphql::parser::types::{Selection, SelectionSet};

use crate::error::{Code, Error, Result};
use crate::guard::{Limits, too_large, within};

/// What an expanded selection set holds.
#[derive(Clone, Copy, Default)]
pub(super) struct Shape {
    depth: usize,
    selections: usize,
    aliases: usize,
    directives: usize,
    /// Fields of the set itself.
    fields: usize,
    /// Fields that ask for the schema itself.
    introspections: usize,
}

impl Shape {
    fn add(&mut self, other: Self) {
        self.depth = self.depth.max(other.depth);
        self.selections = self.selections.saturating_add(other.selections);
        self.aliases = self.aliases.saturating_add(other.aliases);
        self.directives = self.directives.saturating_add(other.directives);
        self.fields = self.fields.saturating_add(other.fields);
        self.introspections = self.introspections.saturating_add(other.introspections);
    }

    /// Whether nothing depends on directives, nor asks for the schema itself.
    pub(super) fn is_plain(&self) -> bool {
        self.directives == 0 && self.introspections == 0
    }
}

/// Measures a document. One that is too large in any respect, or whose fragments form a cycle, is refused.
pub(super) fn check(document: &ExecutableDocument, limits: &Limits) -> Result<Shape> {
    within("operations", document.operations.iter().len(), limits.operations)?;
    within("fragments", document.fragments.len(), limits.fragments)?;
    let mut walk = Walk { document, limits, fragments: HashMap::new() };
    for name in document.fragments.keys() {
        walk.fragment(name, 0)?;
    }
    let mut total = Shape::default();
    for (_, operation) in document.operations.iter() {
        let shape = walk.operation(&operation.node)?;
        within("root_fields", shape.fields, limits.root_fields)?;
        within("variables", operation.node.variable_definitions.len(), limits.variables)?;
        total.add(shape);
    }
    within("depth", total.depth, limits.depth)?;
    within("selections", total.selections, limits.selections)?;
    within("aliases", total.aliases, limits.aliases)?;
    within("directives", total.directives, limits.directives)?;
    Ok(total)
}

struct Walk<'a> {
    document: &'a ExecutableDocument,
    limits: &'a Limits,
    /// The shapes of fragments that were walked; `None` while one is being walked.
    fragments: HashMap<&'a str, Option<Shape>>,
}

impl<'a> Walk<'a> {
    fn operation(&mut self, operation: &'a OperationDefinition) -> Result<Shape> {
        let mut shape = self.set(&operation.selection_set, 1)?;
        let variables = operation.variable_definitions.iter();
        let on_variables: usize = variables.map(|variable| variable.node.directives.len()).sum();
        shape.directives += operation.directives.len() + on_variables;
        Ok(shape)
    }

    /// `level` is the number of sets around this one, so that the walk itself stays shallow.
    fn set(&mut self, set: &'a Positioned<SelectionSet>, level: usize) -> Result<Shape> {
        if level > self.limits.depth {
            return Err(too_large("depth", self.limits.depth));
        }
        let mut shape = Shape::default();
        for selection in &set.node.items {
            shape.add(self.selection(&selection.node, level)?);
            shape.selections = shape.selections.saturating_add(1);
            let directives = selection.node.directives().len();
            shape.directives = shape.directives.saturating_add(directives);
        }
        shape.depth += 1;
        Ok(shape)
    }

    fn selection(&mut self, selection: &'a Selection, level: usize) -> Result<Shape> {
        match selection {
            Selection::Field(field) if field.node.selection_set.node.items.is_empty() => {
                let aliases = usize::from(field.node.alias.is_some());
                Ok(Shape { aliases, fields: 1, ..Shape::default() })
            }
            Selection::Field(field) => {
                let mut shape = self.set(&field.node.selection_set, level + 1)?;
                shape.aliases =
                    shape.aliases.saturating_add(usize::from(field.node.alias.is_some()));
                shape.fields = 1;
                if matches!(field.node.name.node.as_str(), "__schema" | "__type") {
                    shape.introspections = shape.introspections.saturating_add(1);
                }
                Ok(shape)
            }
            Selection::InlineFragment(fragment) => {
                self.set(&fragment.node.selection_set, level + 1)
            }
            Selection::FragmentSpread(spread) => {
                self.fragment(&spread.node.fragment_name.node, level)
            }
        }
    }

    fn fragment(&mut self, name: &'a str, level: usize) -> Result<Shape> {
        match self.fragments.get(name) {
            Some(Some(shape)) => return Ok(*shape),
            Some(None) => return Err(cycle()),
            None => {}
        }
        // A fragment that is not defined is the library's to report, with its place.
        let Some(fragment) = self.document.fragments.get(name) else {
            return Ok(Shape::default());
        };
        self.fragments.insert(name, None);
        let mut shape = self.set(&fragment.node.selection_set, level + 1)?;
        shape.directives = shape.directives.saturating_add(fragment.node.directives.len());
        self.fragments.insert(name, Some(shape));
        Ok(shape)
    }
}

fn cycle() -> Error {
    Error::top(
        Code::ValidationFailed,
        "片段之间存在循环引用。",
        "A fragment must not contain itself, directly or through others.",
    )
}
