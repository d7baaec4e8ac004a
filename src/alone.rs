//! A field that may fail alone: it becomes null, the error stands in `errors`, and the rest of the
//! answer stays. (The library does this for errors below a nullable field, not for its own.)

use std::borrow::Cow;
use std::future::Future;

use async_graphql::parser::types::Field;
use async_graphql::registry::Registry;
use async_graphql::{ContextSelectionSet, OutputType, Positioned, ServerResult, Value};
use futures_util::future::BoxFuture;

use crate::error::Result;

/// The result of a nullable field.
pub struct Alone<T>(Result<T>);

impl<T> Alone<T> {
    /// Waits for the result. The work is boxed: the library makes one future for all fields of a type,
    /// as large as the largest, and one of those for every plain value as well.
    pub fn of<'a>(result: impl Future<Output = Result<T>> + Send + 'a) -> BoxFuture<'a, Self> {
        Box::pin(async { Self(result.await) })
    }
}

impl<T> From<Result<T>> for Alone<T> {
    fn from(result: Result<T>) -> Self {
        Self(result)
    }
}

impl<T: OutputType> OutputType for Alone<T> {
    fn type_name() -> Cow<'static, str> {
        T::type_name()
    }

    fn qualified_type_name() -> String {
        T::type_name().into_owned()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        T::create_type_info(registry);
        T::type_name().into_owned()
    }

    async fn resolve(
        &self,
        context: &ContextSelectionSet<'_>,
        field: &Positioned<Field>,
    ) -> ServerResult<Value> {
        let resolved = match &self.0 {
            Ok(value) => value.resolve(context, field).await,
            Err(error) => {
                let error = async_graphql::Error::from(error.clone());
                Err(context.set_error_path(error.into_server_error(field.pos)))
            }
        };
        Ok(resolved.unwrap_or_else(|error| {
            context.add_error(error);
            Value::Null
        }))
    }
}
