//! The form in which messages are compared with the words of an emergency: simplified characters, half
//! width, lower case, without what people put between characters; and where its sentences and clauses end.

use std::collections::HashMap;
use std::sync::LazyLock;

/// Traditional characters that emergencies are written with, each before its simplified form.
const SIMPLIFIED: &str = "電电線线來来駕驾著着殺杀搶抢賊贼槍枪報报還还門门車车撞撞壓压溝沟壞坏燒烧煙烟滅灭爆爆樓楼橋桥遺遗書书藥药農农喝喝兒儿孫孙爺爷奶奶媽妈爸爸親亲婦妇歲岁傷伤頭头臉脸腳脚斷断氣气醫医護护鬧闹動动錢钱轉转帳帐賬账騙骗銀银戶户號号讓让關关機机電电話话聯联繫系係系絡络見见丟丢離离過过後后馬马過过這这個个們们幾几誰谁麼么說说請请問问該该證证辦办給给開开對对現现發发處处務务員员單单帶带應应當当還还綁绑劫劫強强姦奸訊讯險险預预練练習习學学視视頻频劇剧戲戏聽听謠谣廣广場场廠厂倉仓庫库莊庄點点無无沒没淚泪倫伦鄰邻隊队陳陈劉刘趙赵國国鎮镇鄉乡縣县東东風风飛飞魚鱼鳥鸟黃黄龍龙齊齐為为與与萬万從从衝冲決决淨净準准涼凉減减測测漢汉溫温滿满濃浓鐵铁鋼钢鎖锁錘锤鍬锹閨闺嬰婴搖摇攔拦擋挡擊击據据擔担擾扰數数斬斩時时晝昼暈晕條条極极構构樹树橫横檢检歡欢歲岁歷历毆殴毀毁灣湾災灾爐炉牆墙獨独獲获瘋疯癢痒瘡疮監监盜盗禮礼種种穩稳窩窝竊窃筆笔節节範范糧粮紅红約约級级紙纸細细終终組组結结絕绝統统經经維维緊紧緣缘縱纵總总織织繩绳繼继續续罵骂羅罗義义聞闻聲声職职腦脑腫肿膽胆臨临舊旧蓋盖蘭兰處处虛虚蛇蛇衛卫裡里裏里補补製制複复規规覺觉觀观計计訂订討讨訓训記记許许設设訪访評评認认誤误調调談谈論论講讲識识譯译議议讀读變变負负財财貨货責责貼贴買买費费資资賣卖質质賭赌賴赖賽赛跡迹躍跃軍军軟软輕轻載载輛辆輪轮輸输辭辞進进運运達达遠远適适遲迟選选邊边鄭郑醜丑釋释針针釣钓鈴铃銅铜錄录錯错鍋锅鍵键鏡镜鐘钟長长閃闪閉闭間间閱阅陣阵陰阴陸陆陽阳階阶際际隨随隱隐隻只雙双雜杂雞鸡難难雲云靈灵靜静響响頁页順顺須须領领頓顿題题額额顏颜願愿類类顧顾飯饭飲饮館馆驚惊驗验騎骑體体鬥斗麵面點点党党";

static SIMPLE: LazyLock<HashMap<char, char>> = LazyLock::new(|| {
    let (traditional, simple) = (SIMPLIFIED.chars(), SIMPLIFIED.chars().skip(1));
    traditional.step_by(2).zip(simple.step_by(2)).collect()
});

/// A message in that form.
pub struct Plain {
    /// Its letters and digits.
    pub text: String,
    /// Where each of them stands.
    pub places: Vec<Place>,
}

/// Where a character stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// In which byte of the text it starts.
    pub byte: usize,
    /// In which clause: commas part them, and so do the ends of sentences.
    pub clause: usize,
    /// In which sentence.
    pub sentence: usize,
}

impl Plain {
    /// A message as it was written, in that form.
    pub fn of(message: &str) -> Self {
        let mut plain = Self { text: String::with_capacity(message.len()), places: Vec::new() };
        let (mut clause, mut sentence) = (0, 0);
        let (mut last, mut run) = (None, 0);
        for c in message.chars().flat_map(|c| half_width(c).to_lowercase()).map(simplified) {
            if !c.is_alphanumeric() {
                clause +=
                    usize::from(matches!(c, ',' | '、' | ':' | '。' | '!' | '?' | ';' | '\n'));
                sentence += usize::from(matches!(c, '。' | '!' | '?' | ';' | '\n'));
                continue;
            }
            run = if last == Some(c) { run + 1 } else { 1 };
            last = Some(c);
            // Who cries 救命命命 stammers, and means it once; 妈妈 and 110 do not.
            if run > 2 && !c.is_ascii() {
                if run == 3 {
                    plain.places.pop();
                    plain.text.truncate(plain.text.len() - c.len_utf8());
                }
                continue;
            }
            plain.places.push(Place { byte: plain.text.len(), clause, sentence });
            plain.text.push(c);
        }
        plain
    }

    /// The number of the character that starts, or would start, at this byte.
    pub fn at(&self, byte: usize) -> usize {
        self.places.partition_point(|place| place.byte < byte)
    }
}

fn half_width(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        '…' => ' ',
        '\r' => '\n',
        c => c,
    }
}

fn simplified(c: char) -> char {
    SIMPLE.get(&c).copied().unwrap_or(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_between_characters_goes() {
        assert_eq!(Plain::of("救～命 啊！！！🙏ＡＢ").text, "救命啊ab");
        assert_eq!(Plain::of("電線著火了").text, "电线着火了");
    }

    #[test]
    fn who_stammers_is_understood() {
        assert_eq!(Plain::of("救命命命命，妈妈，110，1110").text, "救命妈妈1101110");
    }

    #[test]
    fn clauses_and_sentences_are_told_apart() {
        let plain = Plain::of("没有，打架。快来");
        let places: Vec<_> = plain.places.iter().map(|one| (one.clause, one.sentence)).collect();
        assert_eq!(places, [(0, 0), (0, 0), (1, 0), (1, 0), (2, 1), (2, 1)]);
        assert_eq!(plain.at("没有打".len()), 3);
    }
}
