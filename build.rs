//! Rules, templates, tables and prices are embedded; `include_dir` does not tell cargo that they changed.

fn main() {
    for folder in ["rules", "schema", "templates", "prices", "fixtures/exo"] {
        println!("cargo:rerun-if-changed={folder}");
    }
}
