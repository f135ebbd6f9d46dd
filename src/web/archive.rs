//! A ZIP archive that is packed while it is sent: only the file at hand is in memory.

use std::cell::RefCell;
use std::io::{self, Write};
use std::rc::Rc;

use actix_web::web::Bytes;
use futures_util::{Stream, StreamExt as _, stream};
use zip::write::{SimpleFileOptions, StreamWriter};
use zip::{CompressionMethod, ZipWriter};

use crate::error::Error;

/// What goes into an archive, in this order.
pub enum Piece {
    /// A file of this name begins.
    File(String),
    /// More of the file at hand.
    Bytes(Bytes),
}

/// The archive of these pieces, as it grows.
pub fn packed(
    pieces: impl Stream<Item = Result<Piece, Error>>,
) -> impl Stream<Item = Result<Bytes, Error>> {
    let out = Drain::default();
    let mut zip = Some(ZipWriter::new_stream(out.clone()));
    let pieces = pieces.map(|piece| piece.map(Some));
    pieces.chain(stream::iter([Ok(None)])).map(move |piece| {
        add(&mut zip, piece?).map_err(Error::Internal)?;
        Ok(Bytes::from(std::mem::take(&mut *out.0.borrow_mut())))
    })
}

type Writer = ZipWriter<StreamWriter<Drain>>;

/// Adds a piece; `None` ends the archive.
fn add(zip: &mut Option<Writer>, piece: Option<Piece>) -> anyhow::Result<()> {
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    match (zip.as_mut(), piece) {
        (Some(zip), Some(Piece::File(name))) => zip.start_file(name, options)?,
        (Some(zip), Some(Piece::Bytes(bytes))) => zip.write_all(&bytes)?,
        (Some(_), None) => {
            if let Some(zip) = zip.take() {
                zip.finish()?;
            }
        }
        (None, _) => {}
    }
    Ok(())
}

/// Where the archive is written to, and taken from.
#[derive(Clone, Default)]
struct Drain(Rc<RefCell<Vec<u8>>>);

impl Write for Drain {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
