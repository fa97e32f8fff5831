//! The command-line program. Inside it `crate::` is the binary, so that the compiler proves
//! that it uses the library's public face alone.

mod cli;

fn main() -> std::process::ExitCode {
    cli::main()
}
