//! The `rapport` program. With the feature `embed` it holds the front end's files: here and not in the library, so that
//! library and front end compile side by side.

#[cfg(feature = "embed")]
mod files {
    use std::borrow::Cow;

    #[derive(rust_embed::RustEmbed)]
    #[folder = "../dist/pkg"]
    struct Pkg;

    #[derive(rust_embed::RustEmbed)]
    #[folder = "../public"]
    struct Public;

    /// Hash of the names, by which cargo notices a new file (set by `rapport-tools`).
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
