//! Logs and traces: text for people on a terminal, JSON for machines elsewhere, always on standard
//! error. With the feature `otel` and `OTEL_EXPORTER_OTLP_ENDPOINT` set, spans go to a collector too.

use std::io::{self, IsTerminal};
use std::panic::{self, PanicHookInfo};

use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, fmt};

mod members;

use members::Members;

/// What is logged, by the level of each target, unless `RUST_LOG` says otherwise. The database layer's own lines carry
/// values.
const DEFAULT: &str = "info,sqlx=warn,sea_orm=warn,sea_orm_migration=info";

/// Keeps what is not sent yet; dropping it sends the rest.
#[must_use]
pub struct Telemetry {
    #[cfg(feature = "otel")]
    exporter: Option<otel::Exporter>,
}

/// Starts logging, once in a process. A second call changes nothing.
pub fn init() -> Telemetry {
    let asked = std::env::var("RUST_LOG").ok().and_then(|asked| asked.parse().ok());
    let filter: Targets = asked.or_else(|| DEFAULT.parse().ok()).unwrap_or_default();
    let lines = if io::stderr().is_terminal() {
        fmt::layer().with_writer(io::stderr).boxed()
    } else {
        let json = fmt::layer().json().flatten_event(true).with_current_span(false);
        json.fmt_fields(Members).with_writer(io::stderr).boxed()
    };
    let subscriber = tracing_subscriber::registry().with(filter).with(lines);
    panic::set_hook(Box::new(log_panic));
    #[cfg(feature = "otel")]
    {
        let exporter = otel::Exporter::from_environment();
        let _ = subscriber.with(exporter.as_ref().map(otel::Exporter::layer)).try_init();
        Telemetry { exporter }
    }
    #[cfg(not(feature = "otel"))]
    {
        let _ = subscriber.try_init();
        Telemetry {}
    }
}

/// A panic's place goes to the log. Its text does so only when it is written in the code: a text
/// made at run time may hold personal data.
fn log_panic(info: &PanicHookInfo<'_>) {
    let text = info.payload().downcast_ref::<&'static str>().copied().unwrap_or("panic");
    let place = info.location().map(ToString::to_string).unwrap_or_default();
    tracing::error!(place, "{text}");
}

#[cfg(feature = "otel")]
impl Drop for Telemetry {
    fn drop(&mut self) {
        if let Some(exporter) = &self.exporter {
            exporter.shutdown();
        }
    }
}

#[cfg(feature = "otel")]
mod otel {
    //! Spans in OTLP over HTTP; the standard `OTEL_*` variables say where to and how.

    use opentelemetry::trace::TracerProvider;
    use opentelemetry_otlp::SpanExporter;
    use opentelemetry_sdk::trace::{SdkTracerProvider, Tracer};
    use tracing::Subscriber;
    use tracing_opentelemetry::OpenTelemetryLayer;
    use tracing_subscriber::registry::LookupSpan;

    pub(super) struct Exporter(SdkTracerProvider);

    impl Exporter {
        pub(super) fn from_environment() -> Option<Self> {
            std::env::var_os("OTEL_EXPORTER_OTLP_ENDPOINT")?;
            match SpanExporter::builder().with_http().build() {
                Ok(exporter) => {
                    let provider = SdkTracerProvider::builder().with_batch_exporter(exporter);
                    Some(Self(provider.build()))
                }
                Err(error) => {
                    eprintln!("no traces are exported: {error}");
                    None
                }
            }
        }

        pub(super) fn layer<S>(&self) -> OpenTelemetryLayer<S, Tracer>
        where
            S: Subscriber + for<'span> LookupSpan<'span>,
        {
            tracing_opentelemetry::layer().with_tracer(self.0.tracer(env!("CARGO_PKG_NAME")))
        }

        pub(super) fn shutdown(&self) {
            if let Err(error) = self.0.shutdown() {
                eprintln!("the last traces were not exported: {error}");
            }
        }
    }
}
