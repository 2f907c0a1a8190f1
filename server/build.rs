//! The embedded front end is part of the program: new files there make a new program.
#![allow(clippy::print_stdout)]
fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if std::env::var_os("CARGO_FEATURE_EMBED").is_some() {
        println!("cargo::rerun-if-changed=../dist/pkg");
        println!("cargo::rerun-if-changed=../public");
    }
}
