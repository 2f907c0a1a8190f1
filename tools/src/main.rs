//! What the build needs beyond cargo: build tools, the front end, and files to try the import with.

mod build;
mod fences;
use tools::fixtures;
mod hook;
mod pack;
mod progress;
mod setup;
mod stub;

use anyhow::Result;
use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "rapport-tools", about = "Build steps of Rapport")]
enum Cli {
    /// Build the front end into dist/pkg; nothing happens when nothing changed.
    Build {
        #[arg(long)]
        release: bool,
        /// Also build the server with the front end embedded, in this Cargo profile: `release` for tests, `dist` for releases.
        #[arg(long, requires = "release")]
        server: Option<String>,
    },
    /// What Trunk calls after its build.
    Hook,
    /// Count what should become less, each against a ceiling that only falls.
    Fences {
        /// Print every find of the fences whose names contain this.
        #[arg(long)]
        list: Option<String>,
    },
    /// Write CSV files of the shape and mess of real ones.
    #[command(subcommand)]
    Fixtures(Fixtures),
}

#[derive(Subcommand)]
enum Fixtures {
    /// A sales history in four files: accounts, products, teams, pipeline.
    Sales {
        folder: std::path::PathBuf,
        #[arg(long, default_value_t = 400)]
        deals: u32,
    },
    /// One file of contacts.
    Contacts {
        file: std::path::PathBuf,
        #[arg(long, default_value_t = 100_000)]
        rows: u32,
    },
}

fn main() -> Result<()> {
    match Cli::parse() {
        Cli::Build { release, server } => server.map_or_else(|| build::build(release), |profile| build::program(&profile)),
        Cli::Hook => hook::run(),
        Cli::Fences { list } => fences::run(list.as_deref()),
        Cli::Fixtures(Fixtures::Sales { folder, deals }) => fixtures::sales(&folder, deals),
        Cli::Fixtures(Fixtures::Contacts { file, rows }) => fixtures::contacts(&file, rows),
    }
}
