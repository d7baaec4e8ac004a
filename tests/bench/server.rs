//! The two servers that are compared, each in a process of its own.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Runs a server until standard input ends, so that it ends with us, however we end.
const KEEPER: &str = r#"
exec 3<&0
"$@" </dev/null >/dev/null &
echo $!
read -r _ <&3
kill $!
wait $! 2>/dev/null
"#;

/// Which server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Huhutong.
    Service,
    /// One statement a route.
    Bare,
}

/// A running server.
pub struct Server {
    /// Where it listens.
    pub address: SocketAddr,
    /// The id of its process.
    pub pid: u32,
    /// How long it took from its start until it was ready.
    pub started_in: Duration,
    keeper: Child,
}

impl Server {
    /// Starts a server on the database at `url` and waits until it is ready.
    pub fn start(side: Side, url: &str, keys: &str) -> Self {
        let address = free_address();
        let own = std::env::current_exe().expect("this program");
        let mut command = Command::new("/bin/sh");
        command.args(["-c", KEEPER, "keeper"]);
        match side {
            Side::Service => command.arg(env!("CARGO_BIN_EXE_huhutong")).arg("serve"),
            Side::Bare => command.arg(own).arg("--bare"),
        };
        command.arg("--database-url").arg(url).arg("--listen").arg(address.to_string());
        command.env("HUHUTONG_KEYS", keys).stdin(Stdio::piped()).stdout(Stdio::piped());
        let began = Instant::now();
        let mut keeper = command.spawn().expect("a server");
        while !is_ready(address) {
            assert!(began.elapsed() < Duration::from_secs(20), "{side:?} did not start");
            std::thread::sleep(Duration::from_millis(1));
        }
        let started_in = began.elapsed();
        let mut line = String::new();
        let told = keeper.stdout.take().expect("the keeper's output");
        BufReader::new(told).read_line(&mut line).expect("a line");
        Self { address, pid: line.trim().parse().expect("a process id"), started_in, keeper }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        let _ = self.keeper.wait();
    }
}

fn free_address() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("an address")
}

fn is_ready(address: SocketAddr) -> bool {
    let Ok(mut stream) = TcpStream::connect(address) else { return false };
    let mut answer = String::new();
    stream.write_all(b"GET /readyz HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n").is_ok()
        && stream.read_to_string(&mut answer).is_ok()
        && answer.starts_with("HTTP/1.1 200")
}
