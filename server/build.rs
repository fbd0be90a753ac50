//! Lists the files of the pages, so that the crate embeds what is in the folder and nothing else has to
//! be named twice.

use core::{error::Error, fmt::Write};
use std::{
    env, fs,
    path::{Path, PathBuf},
};

/// Folders whose files pages ask for, under `/assets/`.
const FOLDERS: [&str; 3] = ["common", "deliveries", "vendor"];
/// The one file of its folder that is served: all of the inspector is in it.
const INSPECTOR: &str = "inspector/inspector.html";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=pages");
    let pages = Path::new(env!("CARGO_MANIFEST_DIR")).join("pages");
    let mut files = Vec::new();
    for folder in FOLDERS.map(|folder| pages.join(folder)) {
        if folder.exists() {
            collect(&folder, &mut files)?;
        }
    }
    files.extend(Some(pages.join(INSPECTOR)).filter(|file| file.exists()));
    files.sort();
    let mut list = String::from("&[\n");
    for file in files {
        let name = file.strip_prefix(&pages)?.to_str().ok_or("no UTF-8")?;
        let path = file.to_str().ok_or("no UTF-8")?;
        writeln!(list, "({name:?}, include_bytes!({path:?})),")?;
    }
    list.push(']');
    let out = env::var_os("OUT_DIR").ok_or("cargo names no folder")?;
    fs::write(Path::new(&out).join("pages.rs"), list)?;
    Ok(())
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), Box<dyn Error>> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}
