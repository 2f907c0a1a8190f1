//! Only the final link carries relocations, which the split step needs; dependencies are not rebuilt for it.
fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rustc-link-arg-cdylib=--emit-relocs");
}
