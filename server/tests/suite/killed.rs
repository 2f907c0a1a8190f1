//! The real program, killed with -9 in the middle of an import, again and again: no row lost, none doubled.

use crate::program::{Folder, PROGRAM, add_user, ask, free_port, ok, rapport, rounds, serve, turn, until_ready};
use std::{
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

const ROWS: u32 = 12_000;

/// A worker without a web server: `import` works the queue when nobody else does.
fn start_import(data: &Path, file: &Path) -> Child {
    rapport(data).arg("import").arg(file).args(["--workspace", "Acme"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

fn counts(data: &Path) -> (i64, i64, String) {
    ask(
        data,
        "select (select count(*) from contacts where deleted_at is null), (select count(distinct value) from contact_emails),
                coalesce((select status from imports order by id limit 1), 'none')",
    )
}

#[test]
fn an_import_killed_again_and_again_loses_and_doubles_no_row() {
    let _turn = turn();
    let folder = Folder::new("killed");
    let (data, file) = (folder.0.join("data"), folder.0.join("people.csv"));
    tools::fixtures::contacts(&file, ROWS).unwrap();
    add_user(&data);
    let seed = std::env::var("RAPPORT_SEED").ok().and_then(|s| s.parse().ok()).unwrap_or(20_261_121u64);
    eprintln!("RAPPORT_SEED={seed}");
    let mut dice = seed;
    // The first run uploads the file and starts it; the later ones are servers that take it up where it stood.
    let mut child = start_import(&data, &file);
    let since = Instant::now();
    while embedded_postgres::attach(&data).is_none() || counts(&data).0 == 0 {
        assert!(since.elapsed() < Duration::from_secs(60), "the import never began");
        std::thread::sleep(Duration::from_millis(20));
    }
    let mut kills = 0;
    let mut seen = Vec::new();
    while kills < rounds(6, 100) {
        dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        std::thread::sleep(Duration::from_millis(30 + (dice >> 33) % 400));
        child.kill().unwrap();
        child.wait().unwrap();
        kills += 1;
        child = rapport(&data).args(["work"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        seen.push(counts(&data).0);
    }
    let since = Instant::now();
    while counts(&data).2 != "done" {
        assert!(since.elapsed() < Duration::from_secs(120), "{:?} {seen:?}", counts(&data));
        std::thread::sleep(Duration::from_millis(100));
    }
    let (rows, addresses, _) = counts(&data);
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!((rows, addresses), (i64::from(ROWS), i64::from(ROWS)));
    assert!(seen.iter().any(|n| *n < i64::from(ROWS)), "it was killed in the middle: {seen:?}");
    let doctor = ok(rapport(&data).arg("doctor"));
    assert!(doctor.contains("PostgreSQL") && doctor.contains("up to date"), "{doctor}");
}

#[test]
fn a_stop_under_load_ends_soon_and_loses_nothing_it_said_yes_to() {
    let _turn = turn();
    let folder = Folder::new("stopped");
    let data = folder.0.join("data");
    add_user(&data);
    let token = ok(rapport(&data).args(["token", "create", "ana@acme.test", "--workspace", "Acme"])).trim().to_owned();
    let port = free_port();
    let mut server = serve(&folder.0, port);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let said_yes = runtime.block_on(async {
        let client = reqwest::Client::new();
        let base = format!("http://127.0.0.1:{port}");
        until_ready(&client, &base).await;
        let writers: Vec<_> = (0..8)
            .map(|w| {
                let (client, base, token) = (client.clone(), base.clone(), token.clone());
                tokio::spawn(async move {
                    let mut yes = 0i64;
                    for n in 0.. {
                        let body =
                            serde_json::json!({"firstName": format!("W{w}"), "lastName": n.to_string(), "emails": [format!("w{w}-{n}@x.org")]});
                        match client.post(format!("{base}/api/v1/contacts")).bearer_auth(&token).json(&body).send().await {
                            Ok(answer) if answer.status().is_success() => yes += 1,
                            _ => break,
                        }
                    }
                    yes
                })
            })
            .collect();
        tokio::time::sleep(Duration::from_millis(1500)).await;
        let stopping = Instant::now();
        Command::new("kill").args(["-TERM", &server.id().to_string()]).status().unwrap();
        let mut yes = 0;
        for writer in writers {
            yes += writer.await.unwrap();
        }
        let gone = tokio::task::spawn_blocking(move || server.wait().unwrap()).await.unwrap();
        assert!(gone.success(), "{gone:?}");
        assert!(stopping.elapsed() < Duration::from_secs(25), "stopping took {:?}", stopping.elapsed());
        yes
    });
    assert!(said_yes > 50, "there was load: {said_yes}");
    let mut child = rapport(&data).args(["work"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let (rows, addresses, _) = counts(&data);
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(rows >= said_yes && rows == addresses, "{rows} rows, {addresses} addresses, {said_yes} were confirmed");
}

/// TSK-02: every reminder rings once, however often the server dies while they do.
#[test]
fn reminders_ring_once_through_many_kills() {
    let _turn = turn();
    let folder = Folder::new("rung");
    let data = folder.0.join("data");
    add_user(&data);
    let token = ok(rapport(&data).args(["token", "create", "ana@acme.test", "--workspace", "Acme"])).trim().to_owned();
    let port = free_port();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let question = "select (select count(*) from tasks where remind_at is not null), (select count(*) from notifications where kind = 'reminder'),
            (select coalesce(max(n), 0)::text from (select count(*) as n from notifications where kind = 'reminder' group by entity_id) x)";
    let (mut sent, mut rung) = (0, Vec::new());
    let kills = u64::from(rounds(4, 30));
    for round in 0..=kills {
        let mut server = serve(&folder.0, port);
        sent = runtime.block_on(async {
            let client = reqwest::Client::new();
            let base = format!("http://127.0.0.1:{port}");
            until_ready(&client, &base).await;
            // Already due, so each rings as soon as it is written. The key makes one that was sent before the kill harmless.
            let until = Instant::now() + Duration::from_millis(150 + round * 37 % 200);
            let (mut sent, before) = (sent, sent);
            // A slow machine writes as many, only later.
            while round < kills && (Instant::now() < until || sent - before < 6) {
                let body = serde_json::json!({"title": format!("Ring {sent}"), "remindAt": "2026-01-05T09:00"});
                let request = client.post(format!("{base}/api/v1/tasks")).bearer_auth(&token).header("idempotency-key", format!("ring-{sent}"));
                assert!(request.json(&body).send().await.unwrap().status().is_success());
                sent += 1;
            }
            sent
        });
        if round == kills {
            let since = Instant::now();
            while ask(&data, question).1 < sent {
                assert!(since.elapsed() < Duration::from_secs(60), "{:?} of {sent}; after the kills {rung:?}", ask(&data, question));
                std::thread::sleep(Duration::from_millis(100));
            }
            std::thread::sleep(Duration::from_millis(500));
        }
        rung.push(ask(&data, question).1);
        server.kill().unwrap();
        server.wait().unwrap();
    }
    let mut last = rapport(&data).args(["work"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let (tasks, told, most) = ask(&data, question);
    last.kill().unwrap();
    last.wait().unwrap();
    assert!(sent >= 6 * i64::try_from(kills).unwrap(), "{sent}");
    assert_eq!((tasks, told, most.as_str()), (sent, sent, "1"), "{rung:?}");
}

#[test]
fn settings_that_cannot_work_stop_the_start_with_their_name() {
    for (args, says) in [
        (vec!["--base-url", "ftp://x"], "--base-url"),
        (vec!["--database-url", "mysql://x"], "--database-url"),
        (vec!["--log", "=["], "--log"),
        (vec!["--listen", "nowhere"], "--listen"),
    ] {
        let out = Command::new(PROGRAM).args(&args).arg("serve").env_remove("DATABASE_URL").output().unwrap();
        let said = String::from_utf8_lossy(&out.stderr).into_owned();
        assert!(!out.status.success() && said.contains(says), "{args:?}: {said}");
    }
    let help = ok(Command::new(PROGRAM).arg("--help"));
    for setting in ["--listen", "RAPPORT_LISTEN", "--data", "DATABASE_URL", "--base-url", "default: 127.0.0.1:3000"] {
        assert!(help.contains(setting), "{setting} is not in --help");
    }
}
