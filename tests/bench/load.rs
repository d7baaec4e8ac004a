//! A closed loop of clients over HTTP/1.1 with connections that stay open. A client writes bytes that
//! are there already and looks only at what it must, so it takes little of the processors.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::LocalSet;

use crate::operations::{KEY_DIGITS, Operation, Wire};
use crate::server::Side;

/// Counts the requests that must differ from each other in the whole run.
static KEYS: AtomicU64 = AtomicU64::new(1);

/// What came of a load.
#[derive(Default)]
pub struct Load {
    /// How long it took.
    pub seconds: f64,
    /// Microseconds of each request, shortest first.
    pub latencies: Vec<u32>,
}

impl Load {
    /// Requests a second.
    pub fn rate(&self) -> f64 {
        self.latencies.len() as f64 / self.seconds
    }

    /// Milliseconds that this share of the requests did not take longer than.
    pub fn within(&self, share: f64) -> f64 {
        let last = self.latencies.len().saturating_sub(1);
        let index = (last as f64 * share).round() as usize;
        self.latencies.get(index).map_or(0.0, |time| f64::from(*time) / 1000.0)
    }
}

/// Keeps `connections` clients asking for this long.
pub async fn run(
    operation: &Arc<Operation>,
    side: Side,
    address: SocketAddr,
    connections: usize,
    duration: Duration,
) -> Load {
    let next = Arc::new(AtomicUsize::new(0));
    let mut clients = Vec::new();
    for _ in 0..connections {
        clients.push(Client::connect(address).await);
    }
    let began = Instant::now();
    let until = began + duration;
    let set = LocalSet::new();
    let tasks: Vec<_> = clients
        .into_iter()
        .map(|mut client| {
            let (operation, next) = (operation.clone(), next.clone());
            set.spawn_local(async move {
                let (requests, begins) = (operation.requests(side), operation.begins(side));
                let mut latencies = Vec::with_capacity(1 << 16);
                while Instant::now() < until {
                    let turn = next.fetch_add(1, Ordering::Relaxed);
                    let sent = Instant::now();
                    let body = client.ask(&requests[turn % requests.len()]).await;
                    latencies.push(u32::try_from(sent.elapsed().as_micros()).unwrap_or(u32::MAX));
                    assert!(body.starts_with(begins.as_bytes()), "{side:?}: {}", shown(body));
                }
                latencies
            })
        })
        .collect();
    let mut latencies = Vec::new();
    set.run_until(async {
        for task in tasks {
            latencies.extend(task.await.expect("a client"));
        }
    })
    .await;
    let seconds = began.elapsed().as_secs_f64();
    latencies.sort_unstable();
    Load { seconds, latencies }
}

fn shown(body: &[u8]) -> String {
    String::from_utf8_lossy(&body[..body.len().min(500)]).into_owned()
}

/// One connection.
pub struct Client {
    stream: TcpStream,
    sent: Vec<u8>,
    received: Vec<u8>,
}

impl Client {
    /// Connects.
    pub async fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.expect("a connection");
        stream.set_nodelay(true).expect("TCP_NODELAY");
        Self { stream, sent: Vec::new(), received: Vec::with_capacity(1 << 16) }
    }

    /// Sends a request and gives the body of the answer, which must be of status 200.
    pub async fn ask(&mut self, request: &Wire) -> &[u8] {
        self.sent.clear();
        self.sent.extend_from_slice(&request.bytes);
        if let Some(at) = request.key {
            let key = format!("{:0KEY_DIGITS$}", KEYS.fetch_add(1, Ordering::Relaxed));
            self.sent[at..at + KEY_DIGITS].copy_from_slice(key.as_bytes());
        }
        self.stream.write_all(&self.sent).await.expect("a request sent");
        self.received.clear();
        let mut body = None;
        loop {
            let read = self.stream.read_buf(&mut self.received).await.expect("an answer");
            assert!(read > 0, "the server closed the connection");
            if body.is_none() {
                body = bounds(&self.received);
            }
            if let Some((start, end)) = body
                && self.received.len() >= end
            {
                return &self.received[start..end];
            }
        }
    }
}

/// Where the body of an answer begins and ends, once its head is complete.
fn bounds(received: &[u8]) -> Option<(usize, usize)> {
    let head = received.windows(4).position(|bytes| bytes == b"\r\n\r\n")?;
    let text = std::str::from_utf8(&received[..head]).expect("a head in ASCII");
    assert!(text.starts_with("HTTP/1.1 200"), "{}", shown(received));
    let length = text.split("content-length: ").nth(1).expect("a length");
    let length: usize = length.lines().next().and_then(|text| text.parse().ok()).expect("a number");
    Some((head + 4, head + 4 + length))
}
