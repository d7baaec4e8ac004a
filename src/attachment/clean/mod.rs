//! Takes out of a picture what it tells besides itself: where and when it was taken, with which device, by
//! whom, a thumbnail of what was cut away, and whatever hangs behind its end. Kept is what is known to be
//! needed to show it, everything else goes; so what nobody has heard of yet goes too. Which way up it is
//! stays, in an EXIF block of its own that holds nothing else.
//!
//! The picture is not decoded: that would cost quality and processor time, and lay the service open to pictures
//! that unpack to gigabytes. The libraries that edit such containers keep what they do not know, and everything
//! behind the first scan of a JPEG, which is where telephones put second pictures with their own places.

mod gif;
mod jpeg;
mod png;
mod webp;

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};

use super::kind::FileKind;

/// The most pixels of a picture: what unpacks to more than this would hurt who looks at it.
const MAX_PIXELS: u64 = 100_000_000;

/// How large a picture is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Size {
    /// Pixels from left to right, as they are stored.
    pub width: u32,
    /// Pixels from top to bottom, as they are stored.
    pub height: u32,
}

/// Why a picture cannot be cleaned.
#[derive(Debug)]
pub enum Fault {
    /// It is no whole picture of its type.
    Broken,
    /// It has too many pixels.
    TooLarge,
    /// The machine failed.
    Machine(io::Error),
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidData => Self::Broken,
            _ => Self::Machine(error),
        }
    }
}

/// The picture without the rest, and its size. What is no picture stays as it is.
pub fn clean(mut file: File, kind: FileKind) -> Result<(File, Option<Size>), Fault> {
    file.seek(SeekFrom::Start(0))?;
    if !kind.is_picture() {
        return Ok((file, None));
    }
    let (mut from, mut to) = (BufReader::new(file), BufWriter::new(tempfile::tempfile()?));
    let size = match kind {
        FileKind::Jpeg => jpeg::clean(&mut from, &mut to)?,
        FileKind::Png => png::clean(&mut from, &mut to)?,
        FileKind::Webp => webp::clean(&mut from, &mut to)?,
        _ => gif::clean(&mut from, &mut to)?,
    };
    to.flush()?;
    let mut cleaned = to.into_inner().map_err(io::IntoInnerError::into_error)?;
    let pixels = u64::from(size.width) * u64::from(size.height);
    match pixels {
        0 => Err(Fault::Broken),
        1..=MAX_PIXELS => {
            cleaned.seek(SeekFrom::Start(0))?;
            Ok((cleaned, Some(size)))
        }
        _ => Err(Fault::TooLarge),
    }
}

/// An EXIF block that tells which way up a picture is, and nothing else; nothing when it is the usual way.
fn upright(exif: &[u8]) -> Option<[u8; 26]> {
    let (fields, _) = exif::parse_exif(exif).ok()?;
    let found = fields
        .iter()
        .find(|field| field.tag == exif::Tag::Orientation && field.ifd_num == exif::In::PRIMARY)?;
    let orientation = found.value.get_uint(0).filter(|way| (2..=8).contains(way))?;
    // A TIFF header, one directory with one entry: tag 0x0112, one SHORT.
    let mut block = *b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\0\0\0\0\0\0\0\0";
    block[18] = u8::try_from(orientation).ok()?;
    Some(block)
}

fn take<const N: usize>(from: &mut impl Read) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    from.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// So many bytes in memory; a file that ends before them is broken.
fn take_all(from: &mut impl Read, length: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(length).read_to_end(&mut bytes)?;
    if (bytes.len() as u64) < length { Err(broken()) } else { Ok(bytes) }
}

fn copy(from: &mut impl Read, to: &mut impl Write, length: u64) -> io::Result<()> {
    let copied = io::copy(&mut from.take(length), to)?;
    if copied < length { Err(broken()) } else { Ok(()) }
}

fn skip(from: &mut impl Read, length: u64) -> io::Result<()> {
    copy(from, &mut io::sink(), length)
}

fn broken() -> io::Error {
    io::ErrorKind::InvalidData.into()
}
