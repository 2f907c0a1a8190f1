//! Clients that send nothing, little, slowly, or read nothing: none of them keeps others out.

use crate::kit::TestApp;
use reqwest::StatusCode;
use server::{accept::Limits, trusted::ranges};
use std::{
    net::{IpAddr, SocketAddr},
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    time::{sleep, timeout},
};

/// Many rounds in `make attack`, few in the suite.
fn long() -> bool {
    std::env::var("ATTACK").is_ok_and(|v| v == "long")
}

/// Short waits, so that a test sees their end.
fn short() -> Limits {
    let second = Duration::from_secs(1);
    Limits { head: second, idle: 2 * second, grace: second, rate: 100_000, ..Limits::default() }
}

fn target(app: &TestApp) -> SocketAddr {
    app.base.trim_start_matches("http://").parse().unwrap()
}

/// A connection from one of this machine's loopback addresses.
async fn connect(app: &TestApp, from: &str) -> std::io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(SocketAddr::new(from.parse::<IpAddr>().unwrap(), 0))?;
    socket.connect(target(app)).await
}

async fn sent(app: &TestApp, from: &str, text: &str) -> TcpStream {
    let mut stream = connect(app, from).await.unwrap();
    stream.write_all(text.as_bytes()).await.unwrap();
    stream
}

/// Everything until the server closes; panics when it does not within `wait`.
async fn until_closed(stream: &mut TcpStream, wait: Duration) -> String {
    let mut all = Vec::new();
    let ended = timeout(wait, stream.read_to_end(&mut all)).await;
    assert!(ended.is_ok(), "the connection is still open after {wait:?}; it said {}", String::from_utf8_lossy(&all));
    String::from_utf8_lossy(&all).into_owned()
}

const HEALTH: &str = "GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";

/// One whole request from `from`, and how long it took.
async fn served(app: &TestApp, from: &str) -> Duration {
    let began = Instant::now();
    let mut stream = timeout(Duration::from_secs(5), sent(app, from, HEALTH)).await.expect("a connection");
    let answer = until_closed(&mut stream, Duration::from_secs(5)).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    began.elapsed()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn thousands_of_silent_connections_from_one_address_leave_others_served() {
    let app = TestApp::new().await;
    rlimit::increase_nofile_limit(65_536).unwrap();
    let mut held = Vec::new();
    for _ in 0..5000 {
        // The server may have closed it already; what matters is that it was tried.
        held.extend(timeout(Duration::from_secs(2), connect(&app, "127.0.0.2")).await.ok().and_then(Result::ok));
    }
    assert!(held.len() > 2000, "{}", held.len());
    for _ in 0..20 {
        let took = served(&app, "127.0.0.3").await;
        assert!(took < Duration::from_secs(1), "{took:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_trusted_proxy_is_never_refused() {
    let app = TestApp::with_limits(Limits { per_address: 8, connections: 8, trusted: ranges("127.0.0.2").unwrap(), ..Limits::default() }).await;
    rlimit::increase_nofile_limit(65_536).unwrap();
    // Busy: the head of a request has come, its body has not.
    let half = "POST /sign-in HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: 10\r\n\r\na";
    let mut busy = Vec::new();
    for _ in 0..2000 {
        busy.push(sent(&app, "127.0.0.2", half).await);
    }
    served(&app, "127.0.0.2").await;
    // They take no places of others, whose own limit holds.
    served(&app, "127.0.0.3").await;
    let mut others = Vec::new();
    for _ in 0..8 {
        others.push(connect(&app, "127.0.0.3").await.unwrap());
    }
    sleep(Duration::from_millis(200)).await;
    let mut ninth = sent(&app, "127.0.0.3", HEALTH).await;
    let mut answer = String::new();
    let _ = timeout(Duration::from_secs(2), ninth.read_to_string(&mut answer)).await.expect("closed at once");
    assert_eq!(answer, "", "the ninth connection of one address is closed");
    assert_eq!(busy.len(), 2000);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_head_that_does_not_come_ends_the_connection() {
    let app = TestApp::with_limits(short()).await;
    let preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    for text in ["", "G", "PRI * HT", preface, "GET / HTTP/1.1\r\nhost: x\r\nx-a: b\r\n"] {
        let mut stream = sent(&app, "127.0.0.2", text).await;
        until_closed(&mut stream, Duration::from_secs(4)).await;
    }
    // A byte now and then does not help.
    for text in ["GET /healthz HTTP/1.1\r\nx-slow: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"] {
        let (mut read, mut write) = connect(&app, "127.0.0.2").await.unwrap().into_split();
        let drip = tokio::spawn(async move {
            for byte in text.bytes() {
                if write.write_all(&[byte]).await.is_err() {
                    break;
                }
                sleep(Duration::from_millis(300)).await;
            }
        });
        let mut rest = Vec::new();
        assert!(timeout(Duration::from_secs(4), read.read_to_end(&mut rest)).await.is_ok(), "{text:?}");
        drip.abort();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_that_drips_ends_with_408() {
    let app = TestApp::with_limits(short()).await;
    let head = "POST /sign-in HTTP/1.1\r\nhost: x\r\nsec-fetch-site: same-origin\r\ncontent-type: application/x-www-form-urlencoded\r\n";
    for framing in ["content-length: 1000\r\n\r\n", "transfer-encoding: chunked\r\n\r\n"] {
        let chunked = framing.contains("chunked");
        let (mut read, mut write) = sent(&app, "127.0.0.2", &format!("{head}{framing}")).await.into_split();
        let drip = tokio::spawn(async move {
            let piece: &[u8] = if chunked { b"1\r\na\r\n" } else { b"a" };
            while write.write_all(piece).await.is_ok() {
                sleep(Duration::from_millis(200)).await;
            }
        });
        let mut answer = Vec::new();
        let ended = timeout(Duration::from_secs(4), read.read_to_end(&mut answer)).await;
        assert!(ended.is_ok(), "still open: {framing}");
        let answer = String::from_utf8_lossy(&answer);
        assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
        drip.abort();
    }
    // An upload that moves is let through, however long it takes: two seconds here, twice the grace.
    let owner = app.with_token("mover").await;
    let rows = futures::stream::unfold(0, |n| async move {
        if n == 20 {
            return None;
        }
        sleep(Duration::from_millis(100)).await;
        let rows = format!("Ana{n},ana{n}@mover.test\n").repeat(800);
        Some((Ok::<_, std::io::Error>(if n == 0 { format!("First name,Email\n{rows}") } else { rows }), n + 1))
    });
    let upload = owner.request(reqwest::Method::POST, "/api/v1/imports?fileName=a.csv").body(reqwest::Body::wrap_stream(rows));
    assert_eq!(crate::kit::read(upload).await.0, StatusCode::CREATED);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_is_not_read_ends_the_connection() {
    let app = TestApp::with_limits(short()).await;
    let owner = app.with_token("reader").await;
    let import = owner.import("people.csv", tools_csv(20_000)).await;
    assert_eq!(import["status"], "done");
    let token = owner.token.clone().unwrap();
    // Many answers asked for at once, more than the kernel's buffers hold, none of them read.
    let request = format!("GET /api/v1/contacts?limit=200 HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n\r\n");
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(8192).unwrap();
    let stream = socket.connect(target(&app)).await.unwrap();
    let (mut read, mut write) = stream.into_split();
    let asking = tokio::spawn(async move {
        for _ in 0..400 {
            if write.write_all(request.as_bytes()).await.is_err() {
                return;
            }
        }
        // Still open from this side: only the server can have ended it.
        sleep(Duration::from_secs(30)).await;
    });
    // A little is read now and then: each reading lets a write through, none of them starts the clock anew.
    let began = Instant::now();
    let mut some = [0u8; 2048];
    loop {
        assert!(began.elapsed() < Duration::from_secs(20), "still open");
        match timeout(Duration::from_secs(5), read.read(&mut some)).await {
            Ok(Ok(0) | Err(_)) => break,
            Ok(Ok(_)) => sleep(Duration::from_millis(if began.elapsed() < Duration::from_secs(12) { 500 } else { 0 })).await,
            Err(_) => panic!("neither bytes nor an end"),
        }
    }
    asking.abort();
}

fn tools_csv(rows: usize) -> Vec<u8> {
    let mut text = String::from("First name,Last name,Email,Notes\n");
    for n in 0..rows {
        text += &format!("Ana{n},Silva{n},ana{n}@reader.test,{}\n", "word ".repeat(20));
    }
    text.into_bytes()
}

/// An HTTP/2 frame.
fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let mut out = (payload.len() as u32).to_be_bytes()[1..].to_vec();
    out.extend([kind, flags]);
    out.extend(stream.to_be_bytes());
    out.extend(payload);
    out
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_idle_http2_connection_ends_however_often_it_pings() {
    let app = TestApp::with_limits(short()).await;
    let mut stream = connect(&app, "127.0.0.2").await.unwrap();
    stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await.unwrap();
    stream.write_all(&frame(4, 0, 0, &[])).await.unwrap();
    // GET / http, from the static table of HPACK: one request, so that the connection is a real one.
    stream.write_all(&frame(1, 5, 1, &[0x82, 0x86, 0x84, 0x41, 0x01, b'x'])).await.unwrap();
    let (mut read, mut write) = stream.into_split();
    let ping = tokio::spawn(async move {
        while write.write_all(&frame(6, 0, 0, b"pingpong")).await.is_ok() {
            sleep(Duration::from_millis(200)).await;
        }
    });
    let mut all = Vec::new();
    let ended = timeout(Duration::from_secs(10), read.read_to_end(&mut all)).await;
    assert!(ended.is_ok(), "still open");
    assert!(!all.is_empty());
    ping.abort();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_person_holds_so_many_live_streams_and_others_theirs() {
    let app = TestApp::new().await;
    let (ana, ben) = (app.signed_up("streamer").await, app.signed_up("listener").await);
    let open = async |caller: &crate::kit::Caller| caller.request(reqwest::Method::GET, "/live?after=0").send().await.unwrap();
    let mut held = Vec::new();
    for _ in 0..32 {
        held.push(open(&ana).await);
    }
    assert!(held.iter().all(|r| r.status() == StatusCode::OK));
    let more = open(&ana).await;
    assert_eq!(more.status(), StatusCode::TOO_MANY_REQUESTS);
    assert!(more.headers().contains_key("retry-after"));
    assert_eq!(open(&ben).await.status(), StatusCode::OK);
    held.truncate(16);
    let began = Instant::now();
    while open(&ana).await.status() != StatusCode::OK {
        assert!(began.elapsed() < Duration::from_secs(25), "places are given back");
        sleep(Duration::from_millis(200)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_come_whole_over_slow_but_steady_lines() {
    if !long() {
        return;
    }
    let app = TestApp::with_limits(Limits { rate: 1024, ..short() }).await;
    let owner = app.with_token("steady").await;
    owner.import("people.csv", tools_csv(2000)).await;
    let token = owner.token.clone().unwrap();
    let mut stream = sent(&app, "127.0.0.2", &format!("GET /api/v1/contacts?limit=200 HTTP/1.0\r\nauthorization: Bearer {token}\r\n\r\n")).await;
    let (mut all, mut some) = (Vec::new(), [0u8; 1024]);
    loop {
        let n = stream.read(&mut some).await.unwrap();
        if n == 0 {
            break;
        }
        all.extend_from_slice(&some[..n]);
        sleep(Duration::from_millis(50)).await;
    }
    let text = String::from_utf8_lossy(&all);
    assert!(text.ends_with('}'), "the answer ends early: {} bytes", all.len());
}
