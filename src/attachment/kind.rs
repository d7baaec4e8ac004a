//! Which files are taken. The content decides, never the name or what a client says.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};

use zip::ZipArchive;

/// Bytes at the beginning of a file by which its type is told.
const HEAD: u64 = 8 << 10;
const ARCHIVE: &[u8] = b"PK\x03\x04";

/// A type of file that is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// JPEG
    Jpeg,
    /// PNG
    Png,
    /// WebP
    Webp,
    /// GIF
    Gif,
    /// PDF
    Pdf,
    /// Word
    Docx,
    /// Excel
    Xlsx,
    /// MP3
    Mp3,
    /// AMR, in which WeChat records voice
    Amr,
}

impl FileKind {
    /// The type of a file; nothing when it is not taken. Nothing is unpacked.
    pub fn of(mut file: &File) -> io::Result<Option<Self>> {
        let mut head = Vec::new();
        file.seek(SeekFrom::Start(0))?;
        file.take(HEAD).read_to_end(&mut head)?;
        Ok(if head.starts_with(ARCHIVE) { Self::of_archive(file) } else { Self::of_head(&head) })
    }

    fn of_head(head: &[u8]) -> Option<Self> {
        Some(match infer::get(head)?.mime_type() {
            "image/jpeg" => Self::Jpeg,
            "image/png" => Self::Png,
            "image/webp" => Self::Webp,
            "image/gif" => Self::Gif,
            "application/pdf" => Self::Pdf,
            "audio/mpeg" => Self::Mp3,
            "audio/amr" => Self::Amr,
            _ => return None,
        })
    }

    /// The type of a document by the list of its parts. One that brings programs along is not taken.
    fn of_archive(file: &File) -> Option<Self> {
        let archive = ZipArchive::new(BufReader::new(file)).ok()?;
        let has = |part: &str| archive.index_for_name(part).is_some();
        let programs = |name: &str| name.ends_with("vbaProject.bin");
        if archive.file_names().any(|name| name.map_or(true, |name| programs(&name))) {
            return None;
        }
        match (has("[Content_Types].xml"), has("word/document.xml"), has("xl/workbook.xml")) {
            (true, true, false) => Some(Self::Docx),
            (true, false, true) => Some(Self::Xlsx),
            _ => None,
        }
    }

    /// Its media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Webp => "image/webp",
            Self::Gif => "image/gif",
            Self::Pdf => "application/pdf",
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Mp3 => "audio/mpeg",
            Self::Amr => "audio/amr",
        }
    }

    /// Whether it is a picture.
    pub fn is_picture(self) -> bool {
        matches!(self, Self::Jpeg | Self::Png | Self::Webp | Self::Gif)
    }

    fn extensions(self) -> &'static [&'static str] {
        match self {
            Self::Jpeg => &["jpg", "jpeg"],
            Self::Png => &["png"],
            Self::Webp => &["webp"],
            Self::Gif => &["gif"],
            Self::Pdf => &["pdf"],
            Self::Docx => &["docx"],
            Self::Xlsx => &["xlsx"],
            Self::Mp3 => &["mp3"],
            Self::Amr => &["amr"],
        }
    }

    /// A name that ends as a file of this type should, so that nobody's computer takes it for another.
    pub fn named(self, name: &str) -> String {
        let end = name.rsplit_once('.').map(|(_, end)| end.to_ascii_lowercase());
        match end {
            Some(end) if self.extensions().contains(&end.as_str()) => name.to_owned(),
            _ => format!("{name}.{}", self.extensions()[0]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_ends_as_its_type_does() {
        assert_eq!(FileKind::Jpeg.named("户口簿.JPG"), "户口簿.JPG");
        assert_eq!(FileKind::Png.named("户口簿.jpg"), "户口簿.jpg.png");
        assert_eq!(FileKind::Pdf.named("户口簿"), "户口簿.pdf");
    }

    #[test]
    fn what_is_not_taken_has_no_type() {
        for head in ["", "<html><script>", "MZ\0\0", "#!/bin/sh", "<svg xmlns='"] {
            assert_eq!(FileKind::of_head(head.as_bytes()), None, "{head}");
        }
    }
}
