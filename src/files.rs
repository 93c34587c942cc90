//! The only place that reads and writes files: every error names its path, every write is whole or not at all.

use std::fs;
use std::io::{Read, Write};
use std::path::Path;

use crate::error::Error;

/// Reads a file as bytes.
///
/// # Errors
/// [`Error::input`] with the path.
pub fn read(path: &Path) -> Result<Vec<u8>, Error> {
    fs::read(path).map_err(|e| Error::input(format!("cannot read {}: {e}", path.display())))
}

/// Reads a UTF-8 file.
///
/// # Errors
/// [`Error::input`] with the path.
pub fn read_text(path: &Path) -> Result<String, Error> {
    String::from_utf8(read(path)?).map_err(|e| Error::input(format!("{}: not UTF-8 text: {e}", path.display())))
}

/// Reads a file and, when it starts with the zstd magic number, decompresses it.
///
/// # Errors
/// [`Error::input`] with the path.
pub fn read_maybe_zstd(path: &Path) -> Result<Vec<u8>, Error> {
    let bytes = read(path)?;
    if !bytes.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) {
        return Ok(bytes);
    }
    let mut plain = Vec::new();
    zstd::Decoder::new(bytes.as_slice())
        .and_then(|mut d| d.read_to_end(&mut plain))
        .map_err(|e| Error::input(format!("{}: broken compressed file: {e}", path.display())))?;
    Ok(plain)
}

/// Writes to a temporary file beside `path`, then renames it: readers see the old file or the new one, never a part.
///
/// # Errors
/// [`Error::output`] with the path.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let fail = |e: &dyn std::fmt::Display| Error::output(format!("cannot write {}: {e}", path.display()));
    let folder = match path.parent() {
        Some(p) if !p.as_os_str().is_empty() => p,
        _ => Path::new("."),
    };
    fs::create_dir_all(folder).map_err(|e| fail(&e))?;
    let mut file = tempfile::Builder::new().prefix(".surveyor-").tempfile_in(folder).map_err(|e| fail(&e))?;
    file.write_all(bytes).and_then(|()| file.as_file().sync_all()).map_err(|e| fail(&e))?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(file.path(), fs::Permissions::from_mode(0o644)).map_err(|e| fail(&e))?;
    }
    file.persist(path).map_err(|e| fail(&e.error))?;
    Ok(())
}

/// As [`write()`], compressed when the name ends in `.zst`.
///
/// # Errors
/// [`Error::output`] with the path.
pub fn write_maybe_zstd(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    if path.extension().is_some_and(|e| e == "zst") {
        let packed = zstd::encode_all(bytes, 9).map_err(|e| Error::output(format!("cannot compress {}: {e}", path.display())))?;
        write(path, &packed)
    } else {
        write(path, bytes)
    }
}
