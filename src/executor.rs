//! Runs operations. The library validates each anew, and looks through all of its types for each field of the root: an
//! eighth of what the service does for a small query. What it has found valid once is run without that from then
//! on, by the steps that it takes itself once it has validated, but that the root is walked as other objects are. The steps
//! are public there without being described, so its version is pinned.

use std::mem::take;
use std::sync::{Arc, PoisonError};

use async_graphql::parser::types::{
    ExecutableDocument, OperationDefinition, OperationType, SelectionSet,
};
use async_graphql::resolver_utils::{resolve_container, resolve_container_serial};
use async_graphql::{Positioned, QueryEnv, QueryEnvInner, Request, Response};
use futures_util::FutureExt;
use futures_util::stream::BoxStream;

use crate::answer::Form;
use crate::guard::Validity;
use crate::root::{Passed, Root};
use crate::schema::{self, Mutation, Query, Schema};
use crate::walk::{selected, walk_alone};

/// Runs operations of the schema.
pub struct Executor {
    schema: Schema,
    root: Arc<Root<Query>>,
}

impl Default for Executor {
    fn default() -> Self {
        let root = Arc::<Root<Query>>::default();
        let schema = schema::build(root.clone());
        // Any field will do: the first one is not resolved.
        let _ = schema.execute("{ serviceInfo { version } }").now_or_never();
        Self { schema, root }
    }
}

impl Executor {
    /// Runs a query or a mutation.
    pub async fn execute(&self, request: Request) -> Response {
        let Some(validity) = Validity::of(&request) else {
            return self.schema.execute(request).await;
        };
        if let (Some(known), Some(passed)) = (validity.known(), self.root.passed()) {
            return self.run(known, request, passed).await;
        }
        let answer = self.schema.execute(request).await;
        if answer.errors.is_empty() {
            validity.remember();
        }
        answer
    }

    /// Runs a subscription.
    pub fn execute_stream(&self, request: Request) -> BoxStream<'static, Response> {
        Box::pin(self.schema.execute_stream(request))
    }

    async fn run(
        &self,
        (document, operation): (&ExecutableDocument, &Positioned<OperationDefinition>),
        request: Request,
        (schema, extensions): &Passed,
    ) -> Response {
        let env = QueryEnv::new(QueryEnvInner {
            extensions: extensions.clone(),
            variables: request.variables,
            operation_name: request.operation_name,
            operation: head(operation),
            fragments: document.fragments.clone(),
            uploads: request.uploads,
            session_data: Arc::default(),
            query_data: Arc::new(request.data),
            http_headers: Default::default(),
            introspection_mode: request.introspection_mode,
            errors: Default::default(),
        });
        let asked = &operation.node.selection_set;
        let context = env.create_context(schema, None, asked, None);
        let resolved = match operation.node.ty {
            OperationType::Mutation => {
                resolve_container_serial(&context, &Mutation::default()).await
            }
            _ => match selected::<Query>(&context, &asked.node.items) {
                Some(fields) => {
                    // By values: whether all of them are null is asked later.
                    walk_alone(self.root.query(), &context, &fields, Form::Values).await
                }
                None => resolve_container(&context, self.root.query()).await,
            },
        };
        let mut answer = match resolved {
            Ok(data) => Response::new(data),
            Err(error) => Response::from_errors(vec![error]),
        };
        answer.errors.append(&mut env.errors.lock().unwrap_or_else(PoisonError::into_inner));
        answer.http_headers =
            take(&mut env.http_headers.lock().unwrap_or_else(PoisonError::into_inner));
        answer
    }
}

/// An operation without what it selects, which stays in its document: only its variables are looked at on the way.
fn head(operation: &Positioned<OperationDefinition>) -> Positioned<OperationDefinition> {
    let OperationDefinition { ty, variable_definitions, directives, .. } = &operation.node;
    let (variable_definitions, directives) = (variable_definitions.clone(), directives.clone());
    let selection_set = Positioned::new(SelectionSet::default(), operation.pos);
    let head = OperationDefinition { ty: *ty, variable_definitions, directives, selection_set };
    Positioned::new(head, operation.pos)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_library_passes_is_kept_from_the_start() {
        assert!(Executor::default().root.passed().is_some());
    }
}
