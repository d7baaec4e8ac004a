//! WebP (RFC 9649): a RIFF of chunks, each of a type, a length, contents, and a byte to make that even.

use std::io::{self, Read, Seek, SeekFrom, Write};

use super::{Size, broken, copy, skip, take, take_all, upright};

const NEEDED: [&[u8; 4]; 6] = [b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF", b"ICCP"];
/// Where the flags of an extended file are: behind the RIFF's head and the chunk's.
const FLAGS: u64 = 20;
const HAS_EXIF: u8 = 0x08;
const HAS_XMP: u8 = 0x04;
/// More than any EXIF block has.
const MAX_EXIF: u64 = 1 << 20;

pub fn clean(from: &mut impl Read, to: &mut (impl Write + Seek)) -> io::Result<Size> {
    let head: [u8; 12] = take(from)?;
    if head[..4] != *b"RIFF" || head[8..] != *b"WEBP" {
        return Err(broken());
    }
    to.write_all(&head)?;
    let length = u32::from_le_bytes([head[4], head[5], head[6], head[7]]);
    let mut left = u64::from(length).checked_sub(4).ok_or_else(broken)?;
    let (mut size, mut flags, mut turned) = (Size::default(), None, false);
    while left > 0 {
        let kind: [u8; 4] = take(from)?;
        let length = take(from)?;
        let even = u64::from(u32::from_le_bytes(length)).next_multiple_of(2);
        left = left.checked_sub(8 + even).ok_or_else(broken)?;
        let begins = size == Size::default();
        if begins && matches!(&kind, b"VP8X" | b"VP8L" | b"VP8 ") {
            let start: [u8; 10] = take(from)?;
            size = measured(&kind, &start).ok_or_else(broken)?;
            to.write_all(&kind)?;
            to.write_all(&length)?;
            to.write_all(&start)?;
            copy(from, to, even.checked_sub(10).ok_or_else(broken)?)?;
            flags = (kind == *b"VP8X").then_some(start[0]);
        } else if begins {
            return Err(broken());
        } else if NEEDED.contains(&&kind) {
            to.write_all(&kind)?;
            to.write_all(&length)?;
            copy(from, to, even)?;
        } else if kind == *b"EXIF" && even < MAX_EXIF && flags.is_some() && !turned {
            let exif = take_all(from, even)?;
            // Some programs put JPEG's prefix before it.
            if let Some(block) = upright(exif.strip_prefix(b"Exif\0\0").unwrap_or(&exif)) {
                to.write_all(&kind)?;
                to.write_all(&26_u32.to_le_bytes())?;
                to.write_all(&block)?;
                turned = true;
            }
        } else {
            skip(from, even)?;
        }
    }
    let written = to.stream_position()?;
    to.seek(SeekFrom::Start(4))?;
    to.write_all(&u32::try_from(written - 8).map_err(|_| broken())?.to_le_bytes())?;
    if let Some(flags) = flags {
        to.seek(SeekFrom::Start(FLAGS))?;
        let exif = if turned { HAS_EXIF } else { 0 };
        to.write_all(&[flags & !(HAS_EXIF | HAS_XMP) | exif])?;
    }
    Ok(size)
}

/// The size that the first chunk tells.
fn measured(kind: &[u8; 4], start: &[u8; 10]) -> Option<Size> {
    let number = |at: usize, bytes: usize| {
        start[at..at + bytes].iter().rev().fold(0, |sum, byte| sum << 8 | u32::from(*byte))
    };
    match kind {
        b"VP8X" => Some(Size { width: number(4, 3) + 1, height: number(7, 3) + 1 }),
        b"VP8L" if start[0] == 0x2f => {
            let bits = number(1, 4);
            Some(Size { width: (bits & 0x3fff) + 1, height: (bits >> 14 & 0x3fff) + 1 })
        }
        b"VP8 " if start[3..6] == [0x9d, 0x01, 0x2a] => {
            Some(Size { width: number(6, 2) & 0x3fff, height: number(8, 2) & 0x3fff })
        }
        _ => None,
    }
}
