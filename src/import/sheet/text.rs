//! Reads CSV. Each line is decoded on its own, so that a file that was put together from several keeps
//! those lines that can be read.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};
use encoding_rs::GB18030;

use super::{Each, FileFault, Line, MAX_COLUMNS, MAX_LINE, Unreadable};

const MARK: &[u8] = b"\xEF\xBB\xBF";
/// A quoted cell with more line breaks was never closed: its lines are taken as they are.
const MAX_BREAKS: usize = 20;

/// Reads the lines of a file that begins with `head`.
pub(super) fn read(mut file: File, head: &[u8], each: &mut Each<'_>) -> Result<(), FileFault> {
    let broken = |_| FileFault::Broken;
    file.seek(SeekFrom::Start(0)).map_err(broken)?;
    let utf8 = is_utf8(&file).map_err(broken)?;
    let start = if head.starts_with(MARK) { MARK.len() as u64 } else { 0 };
    file.seek(SeekFrom::Start(start)).map_err(broken)?;
    let mut parser = ReaderBuilder::new().delimiter(delimiter(head)).build();
    let mut lines =
        Lines { reader: BufReader::with_capacity(64 << 10, file), ahead: Vec::new(), next: 1 };
    let mut record = Record::default();
    while let Some((number, line)) = lines.next().map_err(broken)? {
        let cells = match line {
            None => Err(Unreadable::TooLong),
            Some(line) => {
                match record.parse(&mut parser, &mut lines, number, line).map_err(broken)? {
                    Err(unreadable) => Err(unreadable),
                    Ok(()) if record.ends.len() > MAX_COLUMNS && record.is_wide() => {
                        return Err(FileFault::TooManyColumns);
                    }
                    Ok(()) => record.decode(utf8),
                }
            }
        };
        if each(Line { number, cells }).is_break() {
            break;
        }
    }
    Ok(())
}

/// Physical lines without their ends, of which some were looked at before.
struct Lines {
    reader: BufReader<File>,
    ahead: Vec<(i32, Option<Vec<u8>>)>,
    next: i32,
}

impl Lines {
    /// The next line and its number; nothing in place of one that is too long.
    fn next(&mut self) -> std::io::Result<Option<(i32, Option<Vec<u8>>)>> {
        if let Some(line) = self.ahead.pop() {
            return Ok(Some(line));
        }
        let mut line = Vec::new();
        let limit = MAX_LINE as u64 + 2;
        if (&mut self.reader).take(limit).read_until(b'\n', &mut line)? == 0 {
            return Ok(None);
        }
        let number = self.next;
        self.next += 1;
        if line.last() != Some(&b'\n') && line.len() > MAX_LINE {
            self.reader.skip_until(b'\n')?;
            return Ok(Some((number, None)));
        }
        while matches!(line.last(), Some(b'\n' | b'\r')) {
            line.pop();
        }
        Ok(Some((number, Some(line))))
    }
}

/// The cells of one record, one after the other.
#[derive(Default)]
struct Record {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Record {
    /// Takes a record apart that begins with `line`, with more lines where a quotation goes on.
    fn parse(
        &mut self,
        parser: &mut Reader,
        lines: &mut Lines,
        number: i32,
        line: Vec<u8>,
    ) -> std::io::Result<Result<(), Unreadable>> {
        parser.reset();
        self.bytes.clear();
        self.ends.clear();
        let mut taken: Vec<(i32, Option<Vec<u8>>)> = Vec::new();
        let mut input = line;
        loop {
            input.push(b'\n');
            if self.feed(parser, &input) {
                return Ok(Ok(()));
            }
            let more = if taken.len() < MAX_BREAKS { lines.next()? } else { None };
            match more {
                Some((number, Some(line))) => {
                    input.clone_from(&line);
                    taken.push((number, Some(line)));
                }
                more => {
                    lines.ahead.extend(more);
                    lines.ahead.extend(taken.into_iter().rev());
                    tracing::debug!(number, "a quotation is not closed");
                    return Ok(Err(Unreadable::Quote));
                }
            }
        }
    }

    /// Whether the record ends with this input.
    fn feed(&mut self, parser: &mut Reader, input: &[u8]) -> bool {
        let (mut written, mut ended) = (self.bytes.len(), self.ends.len());
        self.bytes.resize(written + input.len(), 0);
        self.ends.resize(ended + input.len(), 0);
        let (result, _, bytes, ends) =
            parser.read_record(input, &mut self.bytes[written..], &mut self.ends[ended..]);
        written += bytes;
        ended += ends;
        self.bytes.truncate(written);
        self.ends.truncate(ended);
        // A line of nothing is a record of nothing, which the parser would pass over.
        result == ReadRecordResult::Record || (input == b"\n" && written == 0)
    }

    fn cells(&self) -> impl Iterator<Item = &[u8]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, end)| &self.bytes[start..*end])
    }

    /// Whether there is anything beyond the last column that is allowed.
    fn is_wide(&self) -> bool {
        self.cells().skip(MAX_COLUMNS).any(|cell| !cell.trim_ascii().is_empty())
    }

    fn decode(&self, utf8: bool) -> Result<Vec<String>, Unreadable> {
        let utf8 = utf8 || is_chinese_utf8(&self.bytes);
        self.cells()
            .take(MAX_COLUMNS)
            .map(|cell| {
                if utf8 || cell.is_ascii() {
                    return String::from_utf8(cell.to_vec()).map_err(|_| Unreadable::Encoding);
                }
                let text = GB18030.decode_without_bom_handling_and_without_replacement(cell);
                text.map(std::borrow::Cow::into_owned).ok_or(Unreadable::Encoding)
            })
            .collect()
    }
}

/// Whether bytes are UTF-8 with a character of three bytes, which GB 18030 is not by chance.
fn is_chinese_utf8(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok_and(|text| text.chars().any(|c| c.len_utf8() >= 3))
}

/// Whether a file is UTF-8 from its beginning to its end.
fn is_utf8(mut file: &File) -> std::io::Result<bool> {
    let mut buffer = vec![0; 64 << 10];
    let mut kept = 0;
    loop {
        let read = file.read(&mut buffer[kept..])?;
        let filled = kept + read;
        let valid = match std::str::from_utf8(&buffer[..filled]) {
            Ok(_) => filled,
            // The rest of a character comes with the next bytes.
            Err(error) if error.error_len().is_none() && read > 0 => error.valid_up_to(),
            Err(_) => return Ok(false),
        };
        if read == 0 {
            return Ok(true);
        }
        buffer.copy_within(valid..filled, 0);
        kept = filled - valid;
    }
}

/// What separates cells: the sign that comes most often in the first lines.
fn delimiter(head: &[u8]) -> u8 {
    let first: Vec<u8> =
        head.split_inclusive(|byte| *byte == b'\n').take(20).flatten().copied().collect();
    let count = |sign: u8| first.iter().filter(|byte| **byte == sign).count();
    *b",;\t".iter().rev().max_by_key(|sign| count(**sign)).unwrap_or(&b',')
}
