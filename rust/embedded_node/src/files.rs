//! Directories and files that must survive power loss: creation with the syncs that make a name durable.

use std::fs::{self, File};
use std::io;
use std::path::Path;

/// Creates a directory (and its parents) and syncs the entry in its parent.
pub fn create_dir(path: &Path) -> io::Result<()> {
    fs::create_dir_all(path)?;
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => sync_dir(parent),
        _ => Ok(()),
    }
}

/// Makes the names in a directory durable.
pub fn sync_dir(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

/// Takes an exclusive lock on a file for as long as the handle lives.
pub fn lock(path: &Path) -> io::Result<File> {
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(fs::TryLockError::WouldBlock) => {
            Err(io::Error::other("another process uses this data directory"))
        }
        Err(fs::TryLockError::Error(error)) => Err(error),
    }
}

/// Removes the entries of a directory that `wanted` does not name.
pub fn remove_strays(root: &Path, wanted: impl Fn(&str) -> bool) -> io::Result<()> {
    for entry in fs::read_dir(root)? {
        let entry = entry?;
        if entry.file_name().to_str().is_some_and(&wanted) {
            continue;
        }
        match entry.file_type()?.is_dir() {
            true => fs::remove_dir_all(entry.path())?,
            false => fs::remove_file(entry.path())?,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_is_locked_once() {
        let root = tempfile::tempdir().unwrap();
        let held = lock(&root.path().join("lock")).unwrap();
        assert!(lock(&root.path().join("lock")).is_err());
        drop(held);
        assert!(lock(&root.path().join("lock")).is_ok());
    }

    #[test]
    fn strays_go_and_wanted_entries_stay() {
        let root = tempfile::tempdir().unwrap();
        create_dir(&root.path().join("kept/inside")).unwrap();
        create_dir(&root.path().join("stray/inside")).unwrap();
        fs::write(root.path().join("file"), b"x").unwrap();
        remove_strays(root.path(), |name| name == "kept").unwrap();
        let left: Vec<_> = fs::read_dir(root.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        assert_eq!(left, ["kept"]);
    }
}
