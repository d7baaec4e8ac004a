//! Which media types the client accepts (RFC 9110 §12.5.1) and sends.

use axum::http::{HeaderMap, header};

/// A media type for one response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Media {
    /// `application/json`: status 200 for every well-formed request.
    Json,
    /// `application/graphql-response+json`: request errors have a status of their own.
    GraphqlResponse,
}

impl Media {
    /// The response's `Content-Type`.
    pub(super) fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json; charset=utf-8",
            Self::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
        }
    }
}

/// What the client accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Accepted {
    /// For one response.
    pub(super) media: Option<Media>,
    /// Server-sent events, which have to be asked for by name.
    pub(super) events: Option<Events>,
}

/// When server-sent events are the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Events {
    /// For every operation.
    Always,
    /// For subscriptions; the client prefers one response for the others.
    Subscriptions,
}

/// How well a media type is accepted: first its quality in thousandths, then how exactly it was named.
type Rank = (u16, u8);

impl Accepted {
    /// Reads `Accept`. A client that sends none takes `application/json`.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let mut ranges = Vec::new();
        for value in headers.get_all(header::ACCEPT) {
            let Ok(value) = value.to_str() else { continue };
            ranges.extend(value.split(',').filter_map(range));
        }
        if ranges.is_empty() {
            return Self { media: Some(Media::Json), events: None };
        }
        let json = rank(&ranges, "application", "json");
        let response = rank(&ranges, "application", "graphql-response+json");
        // By wildcard both are accepted alike, and every client understands application/json.
        let media = match (json, response) {
            (None, None) => None,
            (json, response) if response > json || (response == json && names(response)) => {
                Some(Media::GraphqlResponse)
            }
            _ => Some(Media::Json),
        };
        let stream = rank(&ranges, "text", "event-stream").filter(|stream| names(Some(*stream)));
        let events = stream.map(|stream| match json.max(response) {
            Some(best) if best.0 >= stream.0 => Events::Subscriptions,
            _ => Events::Always,
        });
        Self { media, events }
    }
}

struct Range<'a> {
    kind: &'a str,
    subtype: &'a str,
    quality: u16,
}

fn range(text: &str) -> Option<Range<'_>> {
    let mut parts = text.split(';').map(str::trim);
    let (kind, subtype) = parts.next()?.split_once('/')?;
    let mut quality = 1000;
    for part in parts {
        if let Some(value) = part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")) {
            quality = thousandths(value)?;
        }
    }
    Some(Range { kind, subtype, quality })
}

fn thousandths(text: &str) -> Option<u16> {
    let (whole, digits) = text.split_once('.').unwrap_or((text, ""));
    if digits.len() > 3 || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let whole: u16 = whole.parse().ok().filter(|whole| *whole <= 1)?;
    let digits: u16 = format!("{digits:0<3}").parse().ok()?;
    Some((whole * 1000 + digits).min(1000))
}

/// The rank that the most exact range gives to a media type; `None` when it is not accepted.
fn rank(ranges: &[Range<'_>], kind: &str, subtype: &str) -> Option<Rank> {
    let exactness = |range: &Range<'_>| {
        if range.kind == "*" && range.subtype == "*" {
            Some(0)
        } else if !range.kind.eq_ignore_ascii_case(kind) {
            None
        } else if range.subtype == "*" {
            Some(1)
        } else {
            range.subtype.eq_ignore_ascii_case(subtype).then_some(2)
        }
    };
    let matching = ranges.iter().filter_map(|range| Some((exactness(range)?, range.quality)));
    let (exactness, quality) = matching.max()?;
    (quality > 0).then_some((quality, exactness))
}

fn names(rank: Option<Rank>) -> bool {
    rank.is_some_and(|(_, exactness)| exactness == 2)
}

/// Whether the body is JSON in UTF-8. Anything else could be sent by a form of a foreign web page.
pub(super) fn is_json(headers: &HeaderMap) -> bool {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let mut parts = value.unwrap_or_default().split(';').map(str::trim);
    let json = parts.next().is_some_and(|kind| kind.eq_ignore_ascii_case("application/json"));
    json && parts.all(|parameter| match parameter.split_once('=') {
        Some((name, charset)) if name.eq_ignore_ascii_case("charset") => {
            charset.trim_matches('"').eq_ignore_ascii_case("utf-8")
        }
        _ => true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const GRAPHQL: &str = "application/graphql-response+json";

    fn accepted(accept: &str) -> Accepted {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, accept.parse().expect("a header"));
        Accepted::of(&headers)
    }

    #[test]
    fn without_a_wish_the_answer_is_json() {
        assert_eq!(Accepted::of(&HeaderMap::new()).media, Some(Media::Json));
        for accept in ["*/*", "application/*", "text/html, */*;q=0.8", "application/json"] {
            assert_eq!(accepted(accept).media, Some(Media::Json), "{accept}");
        }
    }

    #[test]
    fn the_new_media_type_has_to_be_named() {
        assert_eq!(accepted(GRAPHQL).media, Some(Media::GraphqlResponse));
        let both = format!("application/json, {GRAPHQL}");
        assert_eq!(accepted(&both).media, Some(Media::GraphqlResponse));
        let rather_json = format!("{GRAPHQL};q=0.5, application/json;q=0.9");
        assert_eq!(accepted(&rather_json).media, Some(Media::Json));
        let rather_new = format!("{GRAPHQL}, application/json;q=0.9, */*;q=0.1");
        assert_eq!(accepted(&rather_new).media, Some(Media::GraphqlResponse));
    }

    #[test]
    fn what_is_refused_is_not_sent() {
        assert_eq!(accepted("text/html").media, None);
        assert_eq!(accepted("application/json;q=0").media, None);
        let not_json = accepted("application/json;q=0, */*");
        assert_eq!(not_json.media, Some(Media::GraphqlResponse));
    }

    #[test]
    fn events_have_to_be_named() {
        assert_eq!(accepted("*/*").events, None);
        let only = Accepted { media: None, events: Some(Events::Always) };
        assert_eq!(accepted("text/event-stream"), only);
        let urql = format!("{GRAPHQL}, application/json, text/event-stream, multipart/mixed");
        assert_eq!(accepted(&urql).events, Some(Events::Subscriptions));
        assert_eq!(accepted("text/event-stream, */*;q=0.1").events, Some(Events::Always));
    }

    #[test]
    fn only_json_in_utf_8_is_read() {
        let sent = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, value.parse().expect("a header"));
            is_json(&headers)
        };
        assert!(sent("application/json") && sent("application/JSON; charset=UTF-8"));
        assert!(!sent("application/json; charset=gbk") && !sent("text/plain"));
        assert!(!sent("application/x-www-form-urlencoded") && !is_json(&HeaderMap::new()));
    }
}
