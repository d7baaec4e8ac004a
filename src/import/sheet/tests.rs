//! Files of every kind that a spreadsheet program writes, and of some that it does not.

use std::fs::File;
use std::io::Write;
use std::ops::ControlFlow;

use encoding_rs::GB18030;

use super::*;

fn file(bytes: &[u8]) -> File {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    file
}

fn lines(bytes: &[u8]) -> Result<Vec<Line>, FileFault> {
    let mut lines = Vec::new();
    read(&file(bytes), &mut |line| {
        lines.push(line);
        ControlFlow::Continue(())
    })?;
    Ok(lines)
}

fn line(number: i32, cells: &[&str]) -> Line {
    Line { number, cells: Ok(cells.iter().map(|cell| (*cell).to_owned()).collect()) }
}

fn gbk(text: &str) -> Vec<u8> {
    GB18030.encode(text).0.into_owned()
}

#[test]
fn one_table_is_read_from_every_encoding_and_with_every_separator() {
    let text = "组,户主\r\n1,刘河𠮷\r\n";
    let expected = [line(1, &["组", "户主"]), line(2, &["1", "刘河𠮷"])];
    let marked = [b"\xEF\xBB\xBF".as_slice(), text.as_bytes()].concat();
    let (tabs, semicolons) = (text.replace(',', "\t"), text.replace(',', ";"));
    for bytes in [text.into(), marked, gbk(text), tabs.into(), semicolons.into()] {
        assert_eq!(lines(&bytes).unwrap(), expected);
    }
}

#[test]
fn a_line_in_another_encoding_is_still_read() {
    let mixed = [gbk("组,户主\n1,张三\n"), "2,刘河村李四\n".as_bytes().to_vec()].concat();
    assert_eq!(lines(&mixed).unwrap()[2], line(3, &["2", "刘河村李四"]));
}

#[test]
fn a_line_in_no_encoding_is_the_only_one_that_is_lost() {
    let bytes = [b"a,b\n".as_slice(), b"1,\xFF\xFF\n", b"2,c\n"].concat();
    let lines = lines(&bytes).unwrap();
    assert_eq!(lines[1], Line { number: 2, cells: Err(Unreadable::Encoding) });
    assert_eq!(lines[2], line(3, &["2", "c"]));
}

#[test]
fn a_line_of_a_megabyte_is_the_only_one_that_is_lost() {
    let text = format!("a,b\n1,{}\n2,c\n", "x".repeat(1 << 20));
    let lines = lines(text.as_bytes()).unwrap();
    assert_eq!(lines[1], Line { number: 2, cells: Err(Unreadable::TooLong) });
    assert_eq!(lines[2], line(3, &["2", "c"]));
}

#[test]
fn quoted_cells_may_have_line_breaks_and_an_open_quotation_loses_its_line_only() {
    let closed = lines(b"a,\"b\nc\"\n2,d").unwrap();
    assert_eq!(closed, [line(1, &["a", "b\nc"]), line(3, &["2", "d"])]);
    let open = lines(b"a,\"b\n2,c\n3,d\n").unwrap();
    assert_eq!(open[0], Line { number: 1, cells: Err(Unreadable::Quote) });
    assert_eq!(open[1..], [line(2, &["2", "c"]), line(3, &["3", "d"])]);
}

#[test]
fn what_is_no_table_is_refused_by_name() {
    assert_eq!(lines(b""), Err(FileFault::Empty));
    assert_eq!(lines(b"\x7FELF\0\0"), Err(FileFault::Binary));
    assert_eq!(lines(b"\xFF\xFEa\0"), Err(FileFault::Utf16));
    assert_eq!(lines(b"\xD0\xCF\x11\xE0\xA1"), Err(FileFault::OldExcel));
    assert_eq!(lines(b"PK\x03\x04 and nothing"), Err(FileFault::Broken));
    assert_eq!(
        lines("a,".repeat(400).replace(',', ",b").as_bytes()),
        Err(FileFault::TooManyColumns)
    );
}

#[test]
fn numbers_of_a_workbook_are_read_as_digits_and_formulas_by_their_value() {
    let mut workbook = rust_xlsxwriter::Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.merge_range(0, 0, 0, 3, "刘河村住户表", &rust_xlsxwriter::Format::new()).unwrap();
    sheet.write(1, 0, 13_812_345_678.0).unwrap();
    sheet.write(1, 1, 411_481_109_204_123_456.0).unwrap();
    sheet.write(1, 2, rust_xlsxwriter::Formula::new("=1+1").set_result("2")).unwrap();
    sheet.write(1, 3, "王建国").unwrap();
    workbook.add_worksheet().write(0, 0, "another sheet").unwrap();
    let lines = lines(&workbook.save_to_buffer().unwrap()).unwrap();
    assert_eq!(lines[0], line(1, &["刘河村住户表"]));
    let cells = lines[1].cells.as_ref().unwrap();
    assert_eq!(
        (cells[0].as_str(), cells[2].as_str(), cells[3].as_str()),
        ("13812345678", "2", "王建国")
    );
    assert!(cells[1].contains('E'), "digits beyond the fifteenth are lost: {}", cells[1]);
    assert_eq!(lines.len(), 2);
}

#[test]
fn a_workbook_that_unpacks_to_more_than_can_be_meant_is_refused() {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file("xl/sharedStrings.xml", zip::write::SimpleFileOptions::default()).unwrap();
    let zeros = vec![b' '; 1 << 20];
    for _ in 0..64 {
        zip.write_all(&zeros).unwrap();
    }
    let bytes = zip.finish().unwrap().into_inner();
    assert!(bytes.len() < 1 << 20);
    assert_eq!(lines(&bytes), Err(FileFault::Bomb));
}
