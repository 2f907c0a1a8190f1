//! Runs a command that takes minutes and says how far it is, in one line. What it prints is shown only when it fails.

use anyhow::{Context, Result, bail};
use indicatif::{ProgressBar, ProgressStyle};
use std::{
    io::{IsTerminal, Read, stderr},
    process::{Command, Stdio},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

/// Without a terminal a line is printed this often.
const EVERY: Duration = Duration::from_secs(30);

/// Runs `command`; `what` says what is done, as in "Building the front end".
pub fn run(command: &mut Command, what: &str) -> Result<()> {
    command.env("CARGO_TERM_PROGRESS_WHEN", "always").env("CARGO_TERM_PROGRESS_WIDTH", "100").env("CARGO_TERM_COLOR", "never");
    let name = command.get_program().to_string_lossy().into_owned();
    let mut child =
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().with_context(|| format!("{name} is missing or could not be started"))?;
    let (lines, received) = mpsc::channel();
    let readers = [child.stdout.take().map(|out| read(out, lines.clone())), child.stderr.take().map(|err| read(err, lines))];
    let mut shown = Shown::new(what);
    let mut printed = Vec::new();
    for line in received {
        match count(&line) {
            Some((done, of)) => shown.show(done, of),
            None => printed.push(line),
        }
    }
    for reader in readers.into_iter().flatten() {
        let _ = reader.join();
    }
    let done = child.wait()?.success();
    shown.end();
    if !done {
        eprintln!("{}", printed.join("\n"));
        bail!("{what}: {name} failed; see the messages above");
    }
    Ok(())
}

/// Sends what comes line by line; cargo ends the lines of its progress with a carriage return.
fn read(mut from: impl Read + Send + 'static, to: mpsc::Sender<String>) -> thread::JoinHandle<()> {
    thread::spawn(move || {
        let (mut buffer, mut line) = ([0; 4096], Vec::new());
        while let Ok(n) = from.read(&mut buffer) {
            if n == 0 {
                break;
            }
            for byte in &buffer[..n] {
                if matches!(byte, b'\n' | b'\r') {
                    let _ = to.send(String::from_utf8_lossy(&line).into_owned());
                    line.clear();
                } else {
                    line.push(*byte);
                }
            }
        }
        let _ = to.send(String::from_utf8_lossy(&line).into_owned());
    })
}

/// `Building [====>   ] 123/345: app` as numbers.
fn count(line: &str) -> Option<(u64, u64)> {
    let (_, rest) = line.trim_start().strip_prefix("Building [")?.split_once("] ")?;
    let (done, rest) = rest.split_once('/')?;
    let of: String = rest.chars().take_while(char::is_ascii_digit).collect();
    Some((done.trim().parse().ok()?, of.parse().ok()?))
}

struct Shown {
    what: String,
    bar: Option<ProgressBar>,
    last: Instant,
}

impl Shown {
    fn new(what: &str) -> Self {
        let bar = stderr().is_terminal().then(|| {
            let bar = ProgressBar::new_spinner().with_message(what.to_owned());
            bar.enable_steady_tick(Duration::from_millis(200));
            bar
        });
        if bar.is_none() {
            eprintln!("{what}");
        }
        Self { what: what.to_owned(), bar, last: Instant::now() }
    }

    fn show(&mut self, done: u64, of: u64) {
        match &self.bar {
            Some(bar) => {
                if bar.length() != Some(of)
                    && let Ok(style) = ProgressStyle::with_template("{msg} {wide_bar} {pos} of {len} crates, {elapsed}")
                {
                    bar.set_style(style);
                    bar.set_length(of);
                }
                bar.set_position(done);
            }
            None if self.last.elapsed() > EVERY => {
                self.last = Instant::now();
                eprintln!("{}: {done} of {of} crates", self.what);
            }
            None => {}
        }
    }

    fn end(self) {
        if let Some(bar) = self.bar {
            bar.finish_and_clear();
            eprintln!("{}: done after {} s", self.what, bar.elapsed().as_secs());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_progress_of_cargo_is_read() {
        assert_eq!(count("    Building [=====>                      ] 123/345: app, domain(build)..."), Some((123, 345)));
        assert_eq!(count("   Compiling app v0.1.0"), None);
    }

    #[test]
    fn what_a_command_prints_is_seen_when_it_fails_alone() {
        assert!(run(Command::new("sh").args(["-c", "echo noise; echo 'Building [=> ] 1/2: x' >&2"]), "Trying").is_ok());
        let failed = run(Command::new("sh").args(["-c", "exit 3"]), "Trying").unwrap_err().to_string();
        assert_eq!(failed, "Trying: sh failed; see the messages above");
        assert!(run(&mut Command::new("no-such-program"), "Trying").unwrap_err().to_string().contains("is missing"));
    }
}
