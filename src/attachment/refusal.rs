//! Why a file is refused, in sentences.

use super::rules::MAX_BYTES;
use crate::error::{Code, Error, UserErrorCode};

/// A length that no file may have.
pub fn bad_length() -> Error {
    let most = MAX_BYTES >> 20;
    Error::user(
        UserErrorCode::Invalid,
        "bytes",
        format!("文件不能是空的，也不能超过 {most} MiB。"),
        format!("A file has at least one byte and at most {most} MiB."),
    )
}

/// The key was used for a file that has come.
pub fn sent_already() -> Error {
    Error::user(
        UserErrorCode::WrongState,
        "idempotencyKey",
        "用这个幂等键登记的文件已经上传，或已不再保存。",
        "The file that was announced with this key has been sent, or is not kept any more.",
    )
}

/// Somebody announces and announces.
pub fn too_many_loose() -> Error {
    Error::top(
        Code::RateLimited,
        "已上传但尚未发送的文件太多，请先发送，或明天再试。",
        "You have too many files that are in no message. Send them first, or try again tomorrow.",
    )
}

/// No file is expected there.
pub fn no_address() -> Error {
    Error::top(
        Code::NotFound,
        "上传地址无效、已过期或已经用过。",
        "This address was never good, is good no more, or was used.",
    )
}

/// More came than was said.
pub fn too_long() -> Error {
    Error::top(
        Code::FileTooLarge,
        "文件比登记的要长。",
        "The file is longer than was said when it was announced.",
    )
}

/// Less came than was said.
pub fn too_short(length: u64) -> Error {
    if length == 0 {
        return bad_file("文件是空的。", "There is nothing in the file.");
    }
    bad_file(
        "文件比登记的要短，可能没有传完。",
        "The file is shorter than was said when it was announced. It may not have come whole.",
    )
}

/// A type that is not taken.
pub fn not_taken() -> Error {
    bad_file(
        "只接受 JPEG、PNG、WebP、GIF 图片，PDF、DOCX、XLSX 文档，以及 MP3、AMR 语音；按内容判断，与文件名无关。",
        "Taken are pictures (JPEG, PNG, WebP, GIF), documents (PDF, DOCX, XLSX) and voice (MP3, AMR), judged by \
         content and not by name.",
    )
}

/// A picture that cannot be read.
pub fn broken() -> Error {
    bad_file("图片已损坏。", "The picture is damaged.")
}

/// A picture that would hurt who looks at it.
pub fn too_many_pixels() -> Error {
    bad_file("图片不能超过一亿像素。", "A picture has at most 100 million pixels.")
}

/// More files than a message may have.
pub fn too_many_files(most: usize) -> Error {
    Error::user(
        UserErrorCode::TooLong,
        "attachmentIds",
        format!("一条消息最多{most}个附件。"),
        format!("A message has at most {most} attachments."),
    )
}

/// A file that is not the caller's, has not come, or is in a message already: they look the same.
pub fn no_file() -> Error {
    Error::user(
        UserErrorCode::NotFound,
        "attachmentIds",
        "没有找到其中某个附件：须由本人上传、已传完、且未用于其他消息。",
        "One of these files was not sent by you, has not come whole, or is in another message.",
    )
}

fn bad_file(chinese: &'static str, english: &'static str) -> Error {
    Error::top(Code::BadFile, chinese, english)
}
