//! The `rapport` program. The feature `embed` embeds the front end's files here and not in the library, so that cargo compiles
//! the library in parallel with the front end.

#[cfg(feature = "embed")]
mod files {
    use std::borrow::Cow;

    #[derive(rust_embed::RustEmbed)]
    #[folder = "../dist/pkg"]
    struct Pkg;

    #[derive(rust_embed::RustEmbed)]
    #[folder = "../public"]
    struct Public;

    /// Hash of the file names, set by `rapport-tools`: a new name invalidates this crate.
    const _: Option<&str> = option_env!("RAPPORT_FILES");

    fn names() -> Vec<String> {
        Pkg::iter().map(Cow::into_owned).collect()
    }

    fn read(folder: &str, name: &str) -> Option<Cow<'static, [u8]>> {
        if folder == "pkg" { Pkg::get(name).map(|f| f.data) } else { Public::get(name).map(|f| f.data) }
    }

    pub const ALL: server::assets::Files = server::assets::Files { names, read };
}

fn main() -> std::process::ExitCode {
    #[cfg(feature = "embed")]
    server::assets::embed(files::ALL);
    server::cli::main()
}
