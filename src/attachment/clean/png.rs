//! PNG (W3C, third edition): chunks of a length, a type, contents and a checksum.

use std::io::{self, Read, Write};

use super::{Size, broken, copy, skip, take, take_all, upright};

const SIGNATURE: [u8; 8] = *b"\x89PNG\r\n\x1a\n";
/// What shows the picture: pixels, colours, transparency, density, frames.
const NEEDED: [&[u8; 4]; 15] = [
    b"PLTE", b"IDAT", b"tRNS", b"cHRM", b"gAMA", b"iCCP", b"sBIT", b"sRGB", b"cICP", b"bKGD",
    b"pHYs", b"acTL", b"fcTL", b"fdAT", b"IEND",
];
/// More than any EXIF block has.
const MAX_EXIF: u64 = 1 << 20;

pub fn clean(from: &mut impl Read, to: &mut impl Write) -> io::Result<Size> {
    if take(from)? != SIGNATURE {
        return Err(broken());
    }
    to.write_all(&SIGNATURE)?;
    let head: [u8; 25] = take(from)?;
    if head[..8] != *b"\0\0\0\x0dIHDR" {
        return Err(broken());
    }
    to.write_all(&head)?;
    let number =
        |at: usize| u32::from_be_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
    let size = Size { width: number(8), height: number(12) };
    loop {
        let length = take(from)?;
        let kind: [u8; 4] = take(from)?;
        let rest = u64::from(u32::from_be_bytes(length)) + 4;
        if NEEDED.contains(&&kind) {
            to.write_all(&length)?;
            to.write_all(&kind)?;
            copy(from, to, rest)?;
        } else if kind == *b"eXIf" && rest < MAX_EXIF {
            let exif = take_all(from, rest)?;
            if let Some(block) = upright(&exif[..exif.len() - 4]) {
                chunk(to, kind, &block)?;
            }
        } else {
            skip(from, rest)?;
        }
        // Whatever comes after the end is no part of the picture.
        if kind == *b"IEND" {
            return Ok(size);
        }
    }
}

fn chunk(to: &mut impl Write, kind: [u8; 4], contents: &[u8]) -> io::Result<()> {
    let length = u32::try_from(contents.len()).map_err(|_| broken())?;
    let body = [&kind, contents].concat();
    to.write_all(&length.to_be_bytes())?;
    to.write_all(&body)?;
    to.write_all(&crc32fast::hash(&body).to_be_bytes())
}
