//! Documents on their way to disk: written as they arrive, decoded, checked for syntax and synced, so that the task
//! that names the file may be accepted. Document ids are not looked at here.

mod check;

use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::path::Path;

use axum::body::{Body, Bytes};
use futures_util::StreamExt;
use memmap2::Mmap;
use tokio::sync::mpsc;
use uuid::Uuid;

use crate::body::{Encoding, LIMIT, incomplete, too_large};
use crate::error::{ApiError, codes};
use crate::files;

type Result<T> = std::result::Result<T, ApiError>;
type Chunk = io::Result<Bytes>;

/// How many chunks may wait for the disk.
const CHUNKS: usize = 16;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Json,
    Ndjson,
}

impl Format {
    pub fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Ndjson => "ndjson",
        }
    }
}

/// A payload that lies on disk, synced with its directory.
#[derive(Debug, PartialEq, Eq)]
pub struct Stored {
    pub uuid: Uuid,
    pub bytes: u64,
    pub documents: u64,
}

/// Streams a body into a file of `directory`. Nothing is left there when this fails or is dropped half-way.
pub async fn receive(
    body: Body,
    encoding: Encoding,
    format: Format,
    directory: &Path,
) -> Result<Stored> {
    let (sender, receiver) = mpsc::channel(CHUNKS);
    let directory = directory.to_owned();
    let writer =
        crate::app::blocking(move || store(Incoming::new(receiver), encoding, format, &directory));
    let (_, stored) = tokio::join!(forward(body, sender), writer);
    stored
}

async fn forward(body: Body, sender: mpsc::Sender<Chunk>) {
    let mut chunks = body.into_data_stream();
    while let Some(chunk) = chunks.next().await {
        // A writer that has gone has its answer ready: the rest of the body does not matter.
        if sender.send(chunk.map_err(io::Error::other)).await.is_err() {
            return;
        }
    }
    let _ = sender.send(Ok(Bytes::new())).await;
}

fn store(
    incoming: Incoming,
    encoding: Encoding,
    format: Format,
    directory: &Path,
) -> Result<Stored> {
    let mut raw = tempfile::Builder::new()
        .prefix("incoming-")
        .tempfile_in(directory)?;
    let mut reader = encoding.decode(incoming).take(LIMIT + 1);
    let bytes = copy(&mut reader, raw.as_file_mut())?;
    if bytes > LIMIT {
        return Err(too_large());
    }
    if bytes == 0 {
        return Err(ApiError::new(
            codes::MISSING_PAYLOAD,
            format!("A {} payload is missing.", format.name()),
        ));
    }
    // SAFETY: the file is private to this function until it is renamed, and nothing shortens it afterwards.
    let map = unsafe { Mmap::map(raw.as_file()) }?;
    match format {
        Format::Ndjson => {
            let documents = check::lines(&map).map_err(|error| malformed(format, &error))?;
            persist(raw, directory, bytes, documents)
        }
        Format::Json => rewrite(&map, directory),
    }
}

/// The engine reads documents one after the other, so an array is taken apart.
fn rewrite(json: &[u8], directory: &Path) -> Result<Stored> {
    let mut lines = tempfile::Builder::new()
        .prefix("incoming-")
        .tempfile_in(directory)?;
    let mut writer = BufWriter::with_capacity(1 << 20, lines.as_file_mut());
    let documents =
        check::array(json, &mut writer).map_err(|error| malformed(Format::Json, &error))?;
    writer.flush()?;
    drop(writer);
    let bytes = lines.as_file().metadata()?.len();
    persist(lines, directory, bytes, documents)
}

fn persist(
    file: tempfile::NamedTempFile,
    directory: &Path,
    bytes: u64,
    documents: u64,
) -> Result<Stored> {
    let uuid = Uuid::now_v7();
    file.as_file().sync_all()?;
    file.persist(directory.join(uuid.to_string()))
        .map_err(|error| ApiError::from(error.error))?;
    files::sync_dir(directory)?;
    Ok(Stored {
        uuid,
        bytes,
        documents,
    })
}

fn copy(reader: &mut impl Read, file: &mut File) -> Result<u64> {
    let mut buffer = vec![0; 1 << 16];
    let mut total = 0;
    loop {
        // Whatever breaks here is the body: cut short, or not in the encoding it claims.
        let read = reader.read(&mut buffer).map_err(|_| incomplete())?;
        if read == 0 {
            return Ok(total);
        }
        file.write_all(&buffer[..read])?;
        total += read as u64;
    }
}

fn malformed(format: Format, error: &serde_json::Error) -> ApiError {
    let text = format!(
        "The `{}` payload provided is malformed. `Couldn't serialize document value: {error}`.",
        format.name()
    );
    ApiError::new(codes::MALFORMED_PAYLOAD, text)
}

/// The arriving chunks as a blocking reader; an end without the closing empty chunk is an error.
struct Incoming {
    receiver: mpsc::Receiver<Chunk>,
    current: Bytes,
    done: bool,
}

impl Incoming {
    fn new(receiver: mpsc::Receiver<Chunk>) -> Self {
        Self {
            receiver,
            current: Bytes::new(),
            done: false,
        }
    }
}

impl Read for Incoming {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.current.is_empty() && !self.done {
            match self.receiver.blocking_recv() {
                None => return Err(io::ErrorKind::UnexpectedEof.into()),
                Some(chunk) => self.current = chunk?,
            }
            self.done = self.current.is_empty();
        }
        let length = self.current.len().min(buffer.len());
        buffer[..length].copy_from_slice(&self.current.split_to(length));
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn stored(text: &'static str, format: Format) -> Result<(Stored, String)> {
        let directory = tempfile::tempdir().unwrap();
        let stored = receive(Body::from(text), Encoding::Plain, format, directory.path()).await;
        let files = std::fs::read_dir(directory.path()).unwrap().count();
        assert_eq!(files, usize::from(stored.is_ok()));
        let stored = stored?;
        let text = std::fs::read_to_string(directory.path().join(stored.uuid.to_string())).unwrap();
        Ok((stored, text))
    }

    #[tokio::test]
    async fn an_array_becomes_lines_and_keeps_each_document_byte_for_byte() {
        let (stored, text) = stored(r#"[ {"id": 1.0,  "a": "\u00e9"} , {"id":2}]"#, Format::Json)
            .await
            .unwrap();
        assert_eq!(text, "{\"id\": 1.0,  \"a\": \"\\u00e9\"}\n{\"id\":2}\n");
        assert_eq!(stored.documents, 2);
    }

    #[tokio::test]
    async fn one_object_is_one_document_and_an_empty_array_none() {
        assert_eq!(
            stored(r#"{"id": 1}"#, Format::Json)
                .await
                .unwrap()
                .0
                .documents,
            1
        );
        assert_eq!(stored("[]", Format::Json).await.unwrap().0.documents, 0);
        assert_eq!(
            stored("{\"id\":1}\n\n{\"id\":2}", Format::Ndjson)
                .await
                .unwrap()
                .0
                .documents,
            2
        );
    }

    #[tokio::test]
    async fn a_broken_payload_leaves_no_file() {
        for (text, format) in [
            (r#"[{"id": 1}"#, Format::Json),
            (r#"[1]"#, Format::Json),
            (r#"[{"id": "\ud800"}]"#, Format::Json),
            (r#"{"id": 1} x"#, Format::Json),
            ("{\"id\":1}\n{", Format::Ndjson),
        ] {
            assert_eq!(
                stored(text, format).await.unwrap_err().code.name,
                "malformed_payload",
                "{text}"
            );
        }
        assert_eq!(
            stored("", Format::Json).await.unwrap_err().message,
            "A json payload is missing."
        );
    }

    #[tokio::test]
    async fn a_body_that_breaks_off_is_refused() {
        let chunks: Vec<Chunk> = vec![
            Ok(Bytes::from("[{\"id\":1}]")),
            Err(io::ErrorKind::ConnectionReset.into()),
        ];
        let directory = tempfile::tempdir().unwrap();
        let body = Body::from_stream(futures_util::stream::iter(chunks));
        let error = receive(body, Encoding::Plain, Format::Json, directory.path())
            .await
            .unwrap_err();
        assert_eq!(
            error.message,
            "The provided payload is incomplete and cannot be parsed"
        );
    }
}
