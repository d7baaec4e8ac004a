//! The rows of a page on their way into the answer. What is selected of them is the same for all, so it
//! is looked at once.

use std::borrow::Cow;

use async_graphql::parser::types::Field;
use async_graphql::registry::Registry;
use async_graphql::resolver_utils::resolve_list;
use async_graphql::{ContextSelectionSet, OutputType, Positioned, ServerResult, TypeName, Value};

use super::Edge;
use crate::answer::{Form, Object, list};
use crate::record::Record;
use crate::walk::{Fields, is_type_name, response_key, selected, together, walk};

/// The edges of a page.
pub(super) struct Edges<'a, R: Record>(pub(super) &'a [Edge<R>]);

/// A field of an edge, and what is selected below it.
struct Part<'a> {
    field: &'a Positioned<Field>,
    of_node: Option<Fields<'a>>,
}

impl<R: Record> OutputType for Edges<'_, R> {
    fn type_name() -> Cow<'static, str> {
        Vec::<&Edge<R>>::type_name()
    }

    fn qualified_type_name() -> String {
        Vec::<&Edge<R>>::qualified_type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        Vec::<&Edge<R>>::create_type_info(registry)
    }

    async fn resolve(
        &self,
        context: &ContextSelectionSet<'_>,
        field: &Positioned<Field>,
    ) -> ServerResult<Value> {
        let Some(parts) = &parts::<R>(context) else {
            return resolve_list(context, field, self.0, Some(self.0.len())).await;
        };
        let form = Form::of(context);
        let values = together(self.0.len(), |index| {
            let edge = &self.0[index];
            Box::pin(async move {
                let context = context.with_index(index);
                let value = resolve(edge, &context, parts, form).await;
                value.map_err(|error| context.set_error_path(error))
            })
        });
        Ok(list(form, values.await?))
    }
}

async fn resolve<R: Record>(
    edge: &Edge<R>,
    context: &ContextSelectionSet<'_>,
    parts: &[Part<'_>],
    form: Form,
) -> ServerResult<Value> {
    let mut answer = Object::new(form, parts.len());
    for Part { field, of_node } in parts {
        let context = context.with_field(field);
        let value = match of_node {
            Some(fields) => {
                let context = context.with_selection_set(&field.node.selection_set);
                walk(&edge.node, &context, fields, form).await?
            }
            None if is_type_name(field) => {
                Value::String(<Edge<R> as TypeName>::type_name().into_owned())
            }
            None => Value::String(edge.encoded(&context).map_err(|error| {
                let error = async_graphql::Error::from(error);
                context.set_error_path(error.into_server_error(field.pos))
            })?),
        };
        answer.add(response_key(field), value);
    }
    Ok(answer.done())
}

/// What is selected of an edge: its cursor, its node, or both.
fn parts<'a, R: Record>(context: &ContextSelectionSet<'a>) -> Option<Vec<Part<'a>>> {
    let fields = selected::<Edge<R>>(context, &context.item.node.items)?;
    let part = |field: &'a Positioned<Field>| {
        let below = &field.node.selection_set.node.items;
        let of_node = if below.is_empty() { None } else { Some(selected::<R>(context, below)?) };
        Some(Part { field, of_node })
    };
    fields.into_iter().map(part).collect()
}
