//! How a service that nobody reaches from outside is set up.

use huhutong::config::{Counting, Door, Retention, Serving};

pub fn serving() -> Serving {
    Serving {
        listen: ([127, 0, 0, 1], 0).into(),
        graphiql: false,
        allowed_origins: Vec::new(),
        issuer: "huhutong".to_owned(),
        audience: "huhutong".to_owned(),
        provider_issuer: None,
        provider_jwks: None,
        provider_audience: None,
        files: Some("memory:///".to_owned()),
        counting: Counting::default(),
        door: Door::default(),
        retention: Retention::default(),
    }
}
