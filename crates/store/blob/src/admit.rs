//! Files of strangers: looked at before anybody can open them, and shut away while nobody can look.

use std::fs;
use std::io::{self, Cursor};
use std::path::PathBuf;

use zhengtong_crypto::Digest;

use crate::blobs::{Blobs, Stored, blocking, folder_entries, make_folder, new_file, sync_folder};
use crate::error::{Error, Result};
use crate::kind::Refusal;
use crate::reader::Reader;
use crate::scan::{Away, Verdict, is_test_file};

/// What one round of looking at held files came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Looked {
    /// Files that were clean and can be opened now.
    pub clean: u64,
    /// Files that were taken out of the way.
    pub found: u64,
    /// Files that still wait, for the scanner is away.
    pub waiting: u64,
}

impl Blobs {
    /// Takes in a file that a stranger sent. With a scanner it is shown to it first; while the scanner is away the
    /// file is refused or held, as it is configured, and never passed unseen.
    pub async fn admit(&self, bytes: &[u8], limit: u64) -> Result<Stored> {
        if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > limit {
            return Err(Error::TooLarge { limit_bytes: limit });
        }
        if is_test_file(bytes) {
            return Err(Refusal::Virus("EICAR".to_owned()).into());
        }
        let Some(scanner) = self.scanner() else {
            return self.put(Cursor::new(bytes), limit).await;
        };
        match scanner.look(Cursor::new(bytes)).await {
            Ok(Verdict::Clean) => self.put(Cursor::new(bytes), limit).await,
            Ok(Verdict::Found(name)) => Err(Refusal::Virus(name).into()),
            Err(_away) if scanner.away == Away::Refuse => Err(Error::NoScanner),
            Err(_away) => {
                let digest = Digest::of(bytes);
                // One that was looked at before is the same bytes still.
                if self.size(digest).await?.is_none() {
                    self.hold(digest).await?;
                }
                self.put(Cursor::new(bytes), limit).await
            }
        }
    }

    /// Whether a file is shut away at the moment.
    pub async fn is_held(&self, digest: Digest) -> bool {
        tokio::fs::try_exists(self.mark(digest)).await.unwrap_or(true)
    }

    /// Shows the scanner what is held: what is clean can be opened from now on, what is not is taken out of the way
    /// for good.
    pub async fn look_at_held(&self) -> Result<Looked> {
        let mut looked = Looked::default();
        let held = self.held();
        let marks = blocking(move || folder_entries(&held)).await?;
        for path in marks {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let Ok(digest) = name.parse::<Digest>() else { continue };
            match self.look_at(digest).await {
                Ok(Some(Verdict::Clean)) => {
                    self.unmark(path).await?;
                    looked.clean += 1;
                }
                Ok(Some(Verdict::Found(_))) => {
                    // Still marked, so that who asks for it is told.
                    self.put_aside(digest).await?;
                    looked.found += 1;
                }
                // Put aside already.
                Ok(None) => {}
                Err(_away) => looked.waiting += 1,
            }
        }
        Ok(looked)
    }

    /// What the scanner says of a file; none when there is no such file any more.
    async fn look_at(&self, digest: Digest) -> io::Result<Option<Verdict>> {
        let Some(scanner) = self.scanner() else { return Err(io::ErrorKind::NotConnected.into()) };
        let blobs = self.clone();
        match blocking(move || blobs.opened(digest)).await {
            Ok(opened) => scanner.look(Reader::new(opened, u64::MAX)).await.map(Some),
            Err(Error::NotFound(_)) => Ok(None),
            Err(error) => Err(io::Error::other(error)),
        }
    }

    async fn hold(&self, digest: Digest) -> Result<()> {
        let (folder, mark) = (self.held(), self.mark(digest));
        blocking(move || {
            make_folder(&folder)?;
            match new_file(&mark) {
                Ok(file) => file.sync_all()?,
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error.into()),
            }
            sync_folder(&folder)
        })
        .await
    }

    async fn unmark(&self, mark: PathBuf) -> Result<()> {
        let folder = self.held();
        blocking(move || {
            fs::remove_file(mark)?;
            sync_folder(&folder)
        })
        .await
    }

    /// Moves a file where nobody opens it; it is kept as evidence.
    async fn put_aside(&self, digest: Digest) -> Result<()> {
        let (object, aside) = (self.object(digest), self.aside());
        let to = aside.join(digest.to_string());
        blocking(move || {
            make_folder(&aside)?;
            fs::rename(object, to)?;
            sync_folder(&aside)
        })
        .await
    }
}
