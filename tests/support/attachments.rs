//! Files that come with messages, and pictures that tell too much.

use std::io::Write;

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Request};
use http_body_util::BodyExt;
use tower::ServiceExt;
use uuid::Uuid;

use super::actor::Actor;
use super::answer::Answer;
use super::{TestApp, Value, json};

/// An EXIF block of a picture that lies on its side, with the place where it was taken, in words that a test can
/// look for.
fn exif() -> Vec<u8> {
    let mut block = b"MM\0\x2a\0\0\0\x08\0\x03".to_vec();
    block.extend(b"\x01\x0f\0\x02\0\0\0\x08\0\0\0\x32"); // Make, at 50
    block.extend(b"\x01\x12\0\x03\0\0\0\x01\0\x06\0\0"); // Orientation: 6
    block.extend(b"\x88\x25\0\x04\0\0\0\x01\0\0\0\x3a"); // GPS, at 58
    block.extend(b"\0\0\0\0");
    block.extend(b"SECRETM\0");
    block.extend(b"\0\x01\0\x1d\0\x02\0\0\0\x0b\0\0\0\x4c\0\0\0\0SECRETGPS\0\0");
    block
}

const XMP: &[u8] = b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>SECRETXMP</x:xmpmeta>";

fn segment(marker: u8, contents: &[u8]) -> Vec<u8> {
    let length = u16::try_from(contents.len() + 2).unwrap().to_be_bytes();
    [&[0xff, marker][..], &length, contents].concat()
}

/// A JPEG of 3 by 2 pixels with everything that must go: EXIF, XMP, IPTC, a comment, a second picture.
pub fn jpeg() -> Vec<u8> {
    let scan =
        [segment(0xda, &[1, 1, 0, 0, 63, 0]), b"\x12\xff\0\x34\xff\xd0\x56".to_vec()].concat();
    [
        b"\xff\xd8".to_vec(),
        segment(0xe0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0"),
        segment(0xe1, &[&b"Exif\0\0"[..], &exif()].concat()),
        segment(0xe1, XMP),
        segment(0xed, b"Photoshop 3.0\0SECRETIPTC"),
        segment(0xfe, b"SECRETCOMMENT"),
        segment(0xdb, &[0; 65]),
        segment(0xc2, &[8, 0, 2, 0, 3, 1, 1, 0x11, 0]),
        scan.clone(),
        segment(0xfe, b"SECRETBETWEEN"),
        scan,
        b"\xff\xd9".to_vec(),
        b"\xff\xd8SECRETBEHIND<script>".to_vec(),
    ]
    .concat()
}

/// A PNG of so many pixels with everything that must go.
pub fn png(width: u32, height: u32) -> Vec<u8> {
    let chunk = |kind: &[u8], contents: &[u8]| {
        let length = u32::try_from(contents.len()).unwrap().to_be_bytes();
        [&length[..], kind, contents, b"CRC!"].concat()
    };
    let head = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 2, 0, 0, 0]].concat();
    [
        b"\x89PNG\r\n\x1a\n".to_vec(),
        chunk(b"IHDR", &head),
        chunk(b"eXIf", &exif()),
        chunk(b"tEXt", b"Author\0SECRETAUTHOR"),
        chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0SECRETXMP"),
        chunk(b"IDAT", b"pixels"),
        chunk(b"IEND", b""),
        b"SECRETBEHIND".to_vec(),
    ]
    .concat()
}

/// An extended WebP of 3 by 2 pixels with everything that must go.
pub fn webp() -> Vec<u8> {
    let chunk = |kind: &[u8], contents: &[u8]| {
        let length = u32::try_from(contents.len()).unwrap().to_le_bytes();
        let even = vec![0; contents.len() % 2];
        [kind, &length, contents, &even].concat()
    };
    let body = [
        b"WEBP".to_vec(),
        chunk(b"VP8X", &[0x0c, 0, 0, 0, 2, 0, 0, 1, 0, 0]),
        chunk(b"VP8L", b"/pixels"),
        chunk(b"EXIF", &exif()),
        chunk(b"XMP ", b"SECRETXMP"),
        chunk(b"WHAT", b"SECRETNEW"),
    ]
    .concat();
    [b"RIFF".to_vec(), u32::try_from(body.len()).unwrap().to_le_bytes().to_vec(), body].concat()
}

/// A GIF of 3 by 2 pixels with everything that must go.
pub fn gif() -> Vec<u8> {
    [
        &b"GIF89a\x03\0\x02\0\x80\0\0\0\0\0\xff\xff\xff"[..],
        b"!\xff\x0bNETSCAPE2.0\x03\x01\0\0\0",
        b"!\xff\x0bXMP DataXMP\x09SECRETXMP\0",
        b"!\xfe\x0dSECRETCOMMENT\0",
        b"!\xf9\x04\0\0\0\0\0",
        b",\0\0\0\0\x03\0\x02\0\0\x02\x02\x44\x01\0",
        b";SECRETBEHIND",
    ]
    .concat()
}

/// A Word document that unpacks to `size` bytes.
pub fn docx(size: usize) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let plain = zip::write::SimpleFileOptions::default();
    for name in ["[Content_Types].xml", "_rels/.rels", "word/document.xml", "word/styles.xml"] {
        zip.start_file(name, plain).unwrap();
        let bytes = if name == "word/document.xml" { size } else { 100 };
        zip.write_all(&vec![b' '; bytes]).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

impl TestApp {
    /// What lies in the store of files.
    pub async fn stored_files(&self) -> usize {
        self.service().files.names().await.unwrap().len()
    }
}

impl Actor {
    /// Announces a file: its id and where to send it.
    pub async fn announce(&self, name: &str, bytes: usize) -> Value {
        let input = json!({ "idempotencyKey": Uuid::now_v7(), "name": name, "bytes": bytes });
        let wanted = "attachmentId url expiresAt";
        self.mutate("requestAttachmentUpload", input, wanted).await.done()
    }

    /// Announces a file and sends it: its id.
    pub async fn bring(&self, name: &str, contents: Vec<u8>) -> Value {
        let upload = self.announce(name, contents.len()).await;
        let answer = self.send(&upload, contents).await;
        assert_eq!(answer.status, 201, "{}", answer.json);
        upload["attachmentId"].clone()
    }

    /// Sends a file to where it was announced for, as somebody without a token.
    pub async fn send(&self, upload: &Value, contents: impl Into<Body>) -> Answer {
        let request = Request::put(upload["url"].as_str().unwrap()).body(contents.into()).unwrap();
        Answer::of(self.router().oneshot(request).await.unwrap()).await
    }

    /// What is had at an address, without a token.
    pub async fn had(&self, url: &Value) -> (u16, HeaderMap, Bytes) {
        let request = Request::get(url.as_str().unwrap()).body(Body::empty()).unwrap();
        let response = self.router().oneshot(request).await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        (status, headers, response.into_body().collect().await.unwrap().to_bytes())
    }

    /// Asks in a household's name, with these files: the first message with its files.
    pub async fn ask_with(&self, household: &Value, files: &[&Value]) -> Value {
        let input = json!({ "idempotencyKey": Uuid::now_v7(), "householdId": household["id"],
                            "text": "请看附件", "attachmentIds": files });
        let wanted =
            "id lastMessage { id attachments { id name mediaType bytes width height url } }";
        self.mutate("submitInquiry", input, wanted).await.done()
    }
}
