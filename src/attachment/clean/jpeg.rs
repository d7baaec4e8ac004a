//! JPEG (ITU-T T.81): segments, and between them the coded picture.

use std::io::{self, BufRead, Read, Write};

use super::{Size, broken, take, take_all, upright};

const START: [u8; 2] = [0xff, 0xd8];
const END: u8 = 0xd9;
const SCAN: u8 = 0xda;
const EXIF: &[u8] = b"Exif\0\0";
/// Bytes of the coded picture that are held at once.
const PIECE: u64 = 64 << 10;

pub fn clean(from: &mut impl BufRead, to: &mut impl Write) -> io::Result<Size> {
    if take(from)? != START {
        return Err(broken());
    }
    to.write_all(&START)?;
    let mut size = Size::default();
    let (mut turned, mut scanning) = (false, false);
    loop {
        let marker = coded(from, to, scanning)?;
        scanning = marker == SCAN;
        match marker {
            // Whatever comes after the end is no part of the picture.
            END => {
                to.write_all(&[0xff, END])?;
                return Ok(size);
            }
            0 | 0x01 | 0xd0..=0xd8 => return Err(broken()),
            _ => {}
        }
        let length =
            u64::from(u16::from_be_bytes(take(from)?)).checked_sub(2).ok_or_else(broken)?;
        let contents = take_all(from, length)?;
        match marker {
            0xe1 if contents.starts_with(EXIF) && !turned => {
                if let Some(block) = upright(&contents[EXIF.len()..]) {
                    write(to, marker, &[EXIF, &block].concat())?;
                    turned = true;
                }
            }
            0xc0..=0xcf if ![0xc4, 0xc8, 0xcc].contains(&marker) => {
                let [_, h1, h2, w1, w2, ..] = contents[..] else { return Err(broken()) };
                size = Size {
                    width: u16::from_be_bytes([w1, w2]).into(),
                    height: u16::from_be_bytes([h1, h2]).into(),
                };
                write(to, marker, &contents)?;
            }
            _ if needed(marker, &contents) => write(to, marker, &contents)?,
            _ => {}
        }
    }
}

/// Whether a picture cannot be shown rightly without this segment: its tables, its scans, JFIF's density, the
/// colour profile and Adobe's colour transform.
fn needed(marker: u8, contents: &[u8]) -> bool {
    match marker {
        0xc4 | 0xcc | SCAN | 0xdb | 0xdc | 0xdd => true,
        // Without the thumbnail that may follow.
        0xe0 => contents.starts_with(b"JFIF\0") && contents.len() == 14,
        0xe2 => contents.starts_with(b"ICC_PROFILE\0"),
        0xee => contents.starts_with(b"Adobe"),
        _ => false,
    }
}

fn write(to: &mut impl Write, marker: u8, contents: &[u8]) -> io::Result<()> {
    let length = u16::try_from(contents.len() + 2).map_err(|_| broken())?;
    to.write_all(&[0xff, marker])?;
    to.write_all(&length.to_be_bytes())?;
    to.write_all(contents)
}

/// Copies what is coded up to the next marker, and gives that. In the coded picture 0xff is followed by 0, or
/// by the number of a restart; nothing stands between segments.
fn coded(from: &mut impl BufRead, to: &mut impl Write, scanning: bool) -> io::Result<u8> {
    let mut piece = Vec::new();
    loop {
        piece.clear();
        (&mut *from).take(PIECE).read_until(0xff, &mut piece)?;
        let marks = piece.last() == Some(&0xff);
        if piece.is_empty() || !scanning && piece != [0xff] {
            return Err(broken());
        }
        if !marks {
            to.write_all(&piece)?;
            continue;
        }
        to.write_all(&piece[..piece.len() - 1])?;
        let mut marker = 0xff;
        while marker == 0xff {
            [marker] = take(from)?;
        }
        match marker {
            0 | 0xd0..=0xd7 if scanning => to.write_all(&[0xff, marker])?,
            _ => return Ok(marker),
        }
    }
}
