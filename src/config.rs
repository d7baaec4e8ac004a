//! Everything that can be set, by argument or by environment, read once at start. Nothing else reads
//! the environment, except the log's own `RUST_LOG` and `OTEL_…`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;
use url::Url;

use crate::token::external::KeySetSource;

/// Where the data are and how they are sealed.
#[derive(Args, Clone)]
pub struct Storage {
    /// The database: `sqlite://PATH` or `postgres://USER:PASSWORD@HOST/NAME`.
    #[arg(
        long,
        env = "DATABASE_URL",
        default_value = "sqlite://huhutong.db",
        hide_env_values = true
    )]
    pub database_url: String,
    /// The keys that seal personal data: `id:base64,…`, newest first. `huhutong new-key` makes one.
    #[arg(long, env = "HUHUTONG_KEYS", hide_env_values = true)]
    pub keys: Option<String>,
    /// Connections to the database. Few are fastest: about four a core of the database.
    #[arg(long, env = "HUHUTONG_CONNECTIONS", default_value_t = 8)]
    pub connections: u32,
}

/// Where the demo keeps what it makes up, and how it speaks.
#[derive(Args, Clone)]
pub struct Demonstration {
    /// The folder of the demo's database and of the key that seals it.
    #[arg(long, env = "HUHUTONG_DATA", default_value = "huhutong-data")]
    pub data: PathBuf,
    /// Another database than the one in the folder; it must be empty, or filled by the demo.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    pub database_url: Option<String>,
    /// Connections to the database.
    #[arg(long, env = "HUHUTONG_CONNECTIONS", default_value_t = 8)]
    pub connections: u32,
    /// Throw away what an earlier demo made, and fill again.
    #[arg(long)]
    pub reset: bool,
    /// Stand in for WeChat as well: a page, at this address or at a free port of this computer, on which one plays a
    /// resident of the officer's village. Nothing leaves the computer.
    #[arg(long, value_name = "ADDRESS", num_args = 0..=1, default_missing_value = "127.0.0.1:0")]
    pub wechat: Option<SocketAddr>,
    /// Print one line of JSON when ready, for scripts, and nothing else.
    #[arg(long)]
    pub json: bool,
}

/// How the dashboards' numbers are counted.
#[derive(Args, Clone, Copy)]
pub struct Counting {
    /// For how many days a confirmed contact counts as recently confirmed. After a change of it, run
    /// `huhutong rebuild-tallies`: when a confirmation lapses is written down when it is counted.
    #[arg(
        long,
        env = "HUHUTONG_CONFIRMED_DAYS",
        default_value_t = Self::default().confirmed_days,
        value_parser = clap::value_parser!(u16).range(1..=3650)
    )]
    pub confirmed_days: u16,
}

/// How long is kept what is not kept for ever.
#[derive(Args, Clone, Debug)]
pub struct Retention {
    /// For how many days after it was resolved what was written in a sealed inquiry (密件) is kept.
    #[arg(
        long,
        env = "HUHUTONG_SEALED_DAYS",
        default_value_t = Self::default().sealed_days,
        value_parser = clap::value_parser!(u16).range(30..=3650)
    )]
    pub sealed_days: u16,
}

impl Default for Retention {
    fn default() -> Self {
        Self { sealed_days: 180 }
    }
}

impl Default for Counting {
    fn default() -> Self {
        Self { confirmed_days: 90 }
    }
}

/// The door at which WeChat's side delivers.
#[derive(Args, Clone)]
pub struct Door {
    /// Under which address the service is reached from outside, such as `https://huhutong.example`: what administrators
    /// enter at WeChat's side begins with it.
    #[arg(long, env = "HUHUTONG_PUBLIC_URL")]
    pub public_url: Option<Url>,
    /// How many minutes old what WeChat's side has signed may be. It delivers again within seconds; what comes again is
    /// stored once anyhow; and a clock may be wrong.
    #[arg(
        long,
        env = "HUHUTONG_CALLBACK_MINUTES",
        default_value_t = Self::default().callback_minutes,
        value_parser = clap::value_parser!(u16).range(1..=1440)
    )]
    pub callback_minutes: u16,
    /// How many seconds WeChat's side may take to answer a call. What it may have taken in spite of that is sent again under
    /// the same name, and taken once.
    #[arg(
        long,
        env = "HUHUTONG_CHANNEL_PATIENCE",
        default_value_t = Self::default().channel_patience,
        value_parser = clap::value_parser!(u16).range(1..=60)
    )]
    pub channel_patience: u16,
}

impl Default for Door {
    fn default() -> Self {
        Self { public_url: None, callback_minutes: 15, channel_patience: 30 }
    }
}

/// Where the files of messages lie when nothing else is said.
pub const DEFAULT_FILES: &str = "huhutong-files";

/// What the environment says of the bucket in which files lie.
pub fn bucket_options() -> Vec<(String, String)> {
    let named = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
        Some((name.into_string().ok()?.to_ascii_lowercase(), value.into_string().ok()?))
    };
    std::env::vars_os().filter_map(named).filter(|(name, _)| name.starts_with("aws_")).collect()
}

/// How the service is reached, and who may call it.
#[derive(Args, Clone)]
pub struct Serving {
    /// The address to listen on.
    #[arg(long, env = "HUHUTONG_LISTEN", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// Serve the GraphiQL page at /graphiql. The browser loads it from a CDN, so it needs internet.
    #[arg(long, env = "HUHUTONG_GRAPHIQL")]
    pub graphiql: bool,
    /// Another origin whose web pages may call, such as `https://dashboard.example`. May be repeated.
    #[arg(long = "allow-origin", env = "HUHUTONG_ALLOWED_ORIGINS", value_delimiter = ',')]
    pub allowed_origins: Vec<String>,
    /// The `iss` of the access tokens that the service makes.
    #[arg(long, env = "HUHUTONG_ISSUER", default_value = "huhutong")]
    pub issuer: String,
    /// The `aud` of the access tokens that the service makes and takes.
    #[arg(long, env = "HUHUTONG_AUDIENCE", default_value = "huhutong")]
    pub audience: String,
    /// The `iss` of an external identity provider whose tokens are taken as well.
    #[arg(long, env = "HUHUTONG_PROVIDER_ISSUER", requires = "provider_jwks")]
    pub provider_issuer: Option<String>,
    /// The key set (JWKS) of the external identity provider: a file, or an https address.
    #[arg(long, env = "HUHUTONG_PROVIDER_JWKS", requires = "provider_issuer")]
    pub provider_jwks: Option<String>,
    /// The `aud` that the external provider's tokens carry; the service's own when left out.
    #[arg(long, env = "HUHUTONG_PROVIDER_AUDIENCE")]
    pub provider_audience: Option<String>,
    /// Where the files of messages lie: a folder, or a bucket as `s3://BUCKET/PREFIX`, whose key and endpoint stand
    /// in AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION and AWS_ENDPOINT; `huhutong-files` when nothing is
    /// said. Every instance needs the same one.
    #[arg(long, env = "HUHUTONG_FILES")]
    pub files: Option<String>,
    /// How the dashboards' numbers are counted.
    #[command(flatten)]
    pub counting: Counting,
    /// The door at which WeChat's side delivers.
    #[command(flatten)]
    pub door: Door,
    /// How long is kept what is not kept for ever.
    #[command(flatten)]
    pub retention: Retention,
}

impl Serving {
    /// Where the external provider's key set is.
    pub fn key_set_source(&self) -> Option<KeySetSource> {
        self.provider_jwks.as_ref().map(|place| {
            if place.starts_with("https://") || place.starts_with("http://") {
                KeySetSource::Address(place.clone())
            } else {
                KeySetSource::File(PathBuf::from(place))
            }
        })
    }
}
