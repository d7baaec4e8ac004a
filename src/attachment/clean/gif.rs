//! GIF (89a): a screen, then pictures and extensions, each a row of sub-blocks that ends with an empty one.

use std::io::{self, Read, Write};

use super::{Size, broken, copy, take, take_all};

const PICTURE: u8 = 0x2c;
const EXTENSION: u8 = 0x21;
const END: u8 = 0x3b;
const CONTROL: u8 = 0xf9;
const APPLICATION: u8 = 0xff;

pub fn clean(from: &mut impl Read, to: &mut impl Write) -> io::Result<Size> {
    let head: [u8; 13] = take(from)?;
    if !matches!(&head[..6], b"GIF87a" | b"GIF89a") {
        return Err(broken());
    }
    to.write_all(&head)?;
    copy(from, to, colours(head[10]))?;
    let number = |at: usize| u32::from(u16::from_le_bytes([head[at], head[at + 1]]));
    let size = Size { width: number(6), height: number(8) };
    loop {
        match take(from)? {
            // Whatever comes after the end is no part of the picture.
            [END] => {
                to.write_all(&[END])?;
                return Ok(size);
            }
            [PICTURE] => {
                let place: [u8; 9] = take(from)?;
                to.write_all(&[PICTURE])?;
                to.write_all(&place)?;
                // The colours, and how wide the codes are.
                copy(from, to, colours(place[8]) + 1)?;
                blocks(from, to)?;
            }
            [EXTENSION] => extension(from, to)?,
            _ => return Err(broken()),
        }
    }
}

/// Bytes of the colour table that these flags announce.
fn colours(flags: u8) -> u64 {
    if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) }
}

/// Keeps how long a frame is shown and how often all are; comments, texts and what programs add goes.
fn extension(from: &mut impl Read, to: &mut impl Write) -> io::Result<()> {
    let [label] = take(from)?;
    let [length] = take(from)?;
    let first = take_all(from, length.into())?;
    let loops = [b"NETSCAPE2.0", b"ANIMEXTS1.0"].iter().any(|name| first == **name);
    if label == CONTROL || label == APPLICATION && loops {
        to.write_all(&[EXTENSION, label, length])?;
        to.write_all(&first)?;
        return if length == 0 { Ok(()) } else { blocks(from, to) };
    }
    if length == 0 { Ok(()) } else { blocks(from, &mut io::sink()) }
}

fn blocks(from: &mut impl Read, to: &mut impl Write) -> io::Result<()> {
    loop {
        let [length] = take(from)?;
        to.write_all(&[length])?;
        if length == 0 {
            return Ok(());
        }
        copy(from, to, length.into())?;
    }
}
