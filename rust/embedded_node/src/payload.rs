//! Documents on their way to disk: written as they arrive, decoded, checked for syntax and synced, so that the task
//! that names the file may be accepted. Document ids are not looked at here.

mod check;

use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::path::Path;

use axum::body::Body;
use futures_util::StreamExt;
use memmap2::Mmap;
use tempfile::NamedTempFile;
use tokio::io::AsyncWriteExt;
use uuid::Uuid;

use crate::body::{Encoding, LIMIT, incomplete, too_large};
use crate::error::{ApiError, codes};
use crate::files;

type Result<T> = std::result::Result<T, ApiError>;

/// How many bytes of a body may wait for the disk.
const BUFFER: usize = 1 << 16;

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
    let directory = directory.to_owned();
    let file = incoming(&directory)?;
    let written = spool(body, tokio::fs::File::from_std(file.reopen()?)).await?;
    if written > LIMIT {
        return Err(too_large());
    }
    crate::app::blocking(move || store(decoded(file, encoding, &directory)?, format, &directory))
        .await
}

fn incoming(directory: &Path) -> io::Result<NamedTempFile> {
    tempfile::Builder::new()
        .prefix("incoming-")
        .tempfile_in(directory)
}

/// Writes the body as it arrives, and holds no thread while it waits: uploads may be slow, and many. The number of
/// bytes; a body over the limit is left at once.
async fn spool(body: Body, file: tokio::fs::File) -> Result<u64> {
    let mut writer = tokio::io::BufWriter::with_capacity(BUFFER, file);
    let mut chunks = body.into_data_stream();
    let mut total = 0;
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| incomplete())?;
        total += chunk.len() as u64;
        if total > LIMIT {
            return Ok(total);
        }
        writer.write_all(&chunk).await?;
    }
    writer.flush().await?;
    Ok(total)
}

/// The plain bytes of a file that is complete.
fn decoded(raw: NamedTempFile, encoding: Encoding, directory: &Path) -> Result<NamedTempFile> {
    if encoding == Encoding::Plain {
        return Ok(raw);
    }
    let mut plain = incoming(directory)?;
    let mut reader = encoding.decode(raw.reopen()?).take(LIMIT + 1);
    match copy(&mut reader, plain.as_file_mut())? > LIMIT {
        true => Err(too_large()),
        false => Ok(plain),
    }
}

fn store(raw: NamedTempFile, format: Format, directory: &Path) -> Result<Stored> {
    let bytes = raw.as_file().metadata()?.len();
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
    let mut lines = incoming(directory)?;
    let mut writer = BufWriter::with_capacity(1 << 20, lines.as_file_mut());
    let documents =
        check::array(json, &mut writer).map_err(|error| malformed(Format::Json, &error))?;
    writer.flush()?;
    drop(writer);
    let bytes = lines.as_file().metadata()?.len();
    persist(lines, directory, bytes, documents)
}

fn persist(file: NamedTempFile, directory: &Path, bytes: u64, documents: u64) -> Result<Stored> {
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

#[cfg(test)]
mod tests {
    use axum::body::Bytes;

    use super::*;

    type Chunk = io::Result<Bytes>;

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

    #[test]
    fn bodies_that_wait_hold_no_thread() {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .max_blocking_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path();
        runtime.block_on(async {
            let waiting = std::iter::repeat_with(|| {
                let start = futures_util::stream::iter([Chunk::Ok(Bytes::from("{\"id\""))]);
                let body = Body::from_stream(start.chain(futures_util::stream::pending()));
                receive(body, Encoding::Plain, Format::Json, path)
            });
            let slow = futures_util::future::join_all(waiting.take(20));
            let quick = receive(Body::from("{}"), Encoding::Plain, Format::Json, path);
            tokio::select! {
                biased;
                _ = slow => unreachable!("bodies that never end"),
                stored = quick => assert_eq!(stored.unwrap().documents, 1),
            }
        });
    }

    #[tokio::test]
    async fn a_document_may_be_as_deep_as_the_engine_reads() {
        for (depth, reads) in [(126, true), (127, true), (140, false)] {
            let text = format!(
                "[{{\"id\":1,\"a\":{}{}}}]",
                "[".repeat(depth),
                "]".repeat(depth)
            );
            for format in [Format::Json, Format::Ndjson] {
                let text: &'static str = text.clone().leak();
                let text = if format == Format::Json {
                    text
                } else {
                    &text[1..text.len() - 1]
                };
                assert_eq!(stored(text, format).await.is_ok(), reads, "{depth}");
            }
        }
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
