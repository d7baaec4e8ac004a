//! The doors under clients that misbehave, over real sockets.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use huhutong::App;
use huhutong::actor::Role;
use huhutong::http::{self, Options};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

use crate::on_both_databases;
use crate::support::county::ADMIN;
use crate::support::{TestApp, Value, json};

on_both_databases!(
    a_websocket_is_closed_when_its_token_expires,
    a_client_that_dawdles_with_its_headers_is_sent_away,
    an_answer_on_its_way_is_finished_when_the_service_stops,
);

/// Serves the application with these options until the sender is dropped.
async fn serve(
    app: &TestApp,
    options: Options,
) -> (SocketAddr, tokio::sync::oneshot::Sender<()>, tokio::task::JoinHandle<io::Result<()>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let app = App::new(app.service().clone(), options);
    let stopped = async move {
        let _ = stopped.await;
    };
    (address, stop, tokio::spawn(http::serve(app, listener, stopped)))
}

async fn a_websocket_is_closed_when_its_token_expires(app: TestApp) {
    let (address, _stop, _) = serve(&app, Options::default()).await;
    let mut request = format!("ws://{address}/graphql").into_client_request().unwrap();
    let protocol = "graphql-transport-ws".parse().unwrap();
    request.headers_mut().insert("sec-websocket-protocol", protocol);
    let (mut socket, _) = tokio_tungstenite::connect_async(request).await.unwrap();
    let life = chrono::TimeDelta::minutes(15);
    let (token, _) = app.service().tokens.issue(Role::CountyAdmin, ADMIN, None, life).unwrap();
    let mut say = async |message: Value| socket.send(Message::text(message.to_string())).await;
    let authorization = format!("Bearer {token}");
    say(json!({ "type": "connection_init", "payload": { "authorization": authorization } }))
        .await
        .unwrap();
    let query = "subscription { inquiryChanged { cursor } }";
    say(json!({ "type": "subscribe", "id": "1", "payload": { "query": query } })).await.unwrap();
    app.advance(Duration::from_secs(15 * 60));
    loop {
        match socket.next().await.unwrap().unwrap() {
            Message::Close(reason) => {
                assert_eq!(u16::from(reason.unwrap().code), 4403);
                break;
            }
            message => assert!(!message.to_string().contains("\"next\""), "{message}"),
        }
    }
}

async fn a_client_that_dawdles_with_its_headers_is_sent_away(app: TestApp) {
    let options = Options { header_timeout: Duration::from_millis(50), ..Options::default() };
    let (address, _stop, _) = serve(&app, options).await;
    for begun in ["", "GET /healthz HTTP/1.1\r\nHost: a\r\nX-Slow: "] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(begun.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        // The connection ends although we did not end it; how it ends is all the same.
        let _ = stream.read_to_end(&mut answer).await;
        assert!(!answer.starts_with(b"HTTP/1.1 200"));
    }
}

async fn an_answer_on_its_way_is_finished_when_the_service_stops(app: TestApp) {
    let (address, stop, serving) = serve(&app, Options::default()).await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    let body = json!({ "query": "{ serviceInfo { version } }" }).to_string();
    let head = format!(
        "POST /graphql HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nExpect: 100-continue\r\n\
         Content-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    // Told to go on: the request has begun.
    let mut told = [0; 25];
    stream.read_exact(&mut told).await.unwrap();
    assert!(told.starts_with(b"HTTP/1.1 100 Continue"));
    drop(stop);
    while TcpStream::connect(address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    stream.write_all(body.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    serving.await.unwrap().unwrap();
}
