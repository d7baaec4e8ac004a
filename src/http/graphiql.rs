//! The GraphiQL page for development. The browser loads its parts from a CDN, so it is of no use in a
//! closed network and is served only when asked for.

use axum::response::Html;

/// `/graphiql`.
pub(super) async fn page() -> Html<&'static str> {
    Html(include_str!("graphiql.html"))
}
