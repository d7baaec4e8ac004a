//! A picture tells nothing but itself.

use crate::on_both_databases;
use crate::support::county::LIUHE;
use crate::support::{TestApp, gif, jpeg, png, webp};

on_both_databases!(
    what_a_picture_tells_besides_itself_is_gone,
    a_picture_that_lies_on_its_side_still_does,
    a_large_picture_comes_back_byte_by_byte,
);

/// A picture as it is had after it was sent.
async fn cleaned(app: &TestApp, name: &str, contents: Vec<u8>) -> Vec<u8> {
    let household = app.household(LIUHE).await;
    let officer = app.lead(LIUHE);
    let file = officer.bring(name, contents).await;
    let inquiry = officer.ask_with(&household, &[&file]).await;
    let (status, _, body) = officer.had(&inquiry["lastMessage"]["attachments"][0]["url"]).await;
    assert_eq!(status, 200);
    body.to_vec()
}

fn holds(contents: &[u8], text: &[u8]) -> bool {
    contents.windows(text.len()).any(|window| window == text)
}

async fn what_a_picture_tells_besides_itself_is_gone(app: TestApp) {
    for (name, picture, pixels) in [
        ("a.jpg", jpeg(), &b"\x12\xff\0\x34\xff\xd0\x56"[..]),
        ("a.png", png(3, 2), b"IDATpixels"),
        ("a.webp", webp(), b"/pixels"),
        ("a.gif", gif(), b"NETSCAPE2.0"),
    ] {
        assert!(holds(&picture, b"SECRET"), "{name}");
        let cleaned = cleaned(&app, name, picture).await;
        assert!(!holds(&cleaned, b"SECRET"), "{name}");
        assert!(!holds(&cleaned, b"XMP") && !holds(&cleaned, b"<script>"), "{name}");
        assert!(holds(&cleaned, pixels), "{name}");
    }
}

async fn a_picture_that_lies_on_its_side_still_does(app: TestApp) {
    for (name, picture) in [("a.jpg", jpeg()), ("a.png", png(3, 2)), ("a.webp", webp())] {
        let cleaned = cleaned(&app, name, picture).await;
        let mut reader = std::io::Cursor::new(cleaned);
        let exif = exif::Reader::new().read_from_container(&mut reader).unwrap();
        let fields: Vec<_> =
            exif.fields().map(|field| (field.tag, field.value.get_uint(0))).collect();
        assert_eq!(fields, [(exif::Tag::Orientation, Some(6))], "{name}");
    }
}

async fn a_large_picture_comes_back_byte_by_byte(app: TestApp) {
    let (size, mut picture) = (20 << 20, jpeg());
    let end = picture.windows(4).rposition(|window| window == b"\xff\xd9\xff\xd8").unwrap();
    picture.truncate(end);
    let more = (0..size - picture.len() - 2).map(|at| (at % 251) as u8);
    picture.extend(more);
    picture.extend(b"\xff\xd9");
    assert_eq!(picture.len(), size, "the largest that is taken");
    let coded = picture[picture.len() - (10 << 20)..].to_vec();
    assert!(cleaned(&app, "a.jpg", picture).await.ends_with(&coded));
}
