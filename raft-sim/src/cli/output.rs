//! Files that appear when they are whole.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

/// A file that is being written. Unless it is finished, nothing of it remains.
pub(super) struct Partial {
    partial: PathBuf,
    path: PathBuf,
}

impl Partial {
    /// A file that will be at `path`; until then it lies beside it.
    pub(super) fn beside(path: &Path) -> Self {
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(format!(".{}.partial", std::process::id()));
        Self { partial: path.with_file_name(name), path: path.to_owned() }
    }

    /// Opens it.
    pub(super) fn create(&self) -> io::Result<File> {
        File::create(&self.partial)
    }

    /// Writes all of it at once.
    pub(super) fn write(self, bytes: &[u8]) -> io::Result<()> {
        std::fs::write(&self.partial, bytes)?;
        self.finish()
    }

    /// Gives it its name, in place of what had it before.
    pub(super) fn finish(self) -> io::Result<()> {
        std::fs::rename(&self.partial, &self.path)
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        // After `finish` it is not there any more.
        let _ = std::fs::remove_file(&self.partial);
    }
}
