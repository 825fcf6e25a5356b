//! Made-up people and how a list writes them.

use super::Recipe;
use crate::Day;

/// The headings of the list. The first and the seat are nothing that is taken in.
pub(super) const HEADINGS: [&str; COLUMNS] = [
    "No.",
    "氏　名",
    "フリガナ",
    "ローマ字氏名",
    "生年月日",
    "性別",
    "国籍",
    "旅券番号",
    "入国年月日",
    "到着空港",
    "便名",
    "座席",
    "住所",
    "滞在先",
    "電話番号",
    "メールアドレス",
    "同意の有無",
    "管轄保健所",
    "備考",
];

pub(super) const COLUMNS: usize = 19;

/// Family names that nobody bears: "sample", "imaginary", "trial" …
const FAMILY: [(&str, &str, &str); 10] = [
    ("見本", "ミホン", "MIHON"),
    ("架空", "カクウ", "KAKU"),
    ("仮名", "カメイ", "KAMEI"),
    ("例示", "レイジ", "REIJI"),
    ("模擬", "モギ", "MOGI"),
    ("試験", "シケン", "SHIKEN"),
    ("練習", "レンシュウ", "RENSHU"),
    ("髙見本", "タカミホン", "TAKAMIHON"),
    ("見本﨑", "ミホンザキ", "MIHONZAKI"),
    ("訓練", "クンレン", "KUNREN"),
];

const GIVEN: [(&str, &str, &str, &str); 6] = [
    ("太郎", "タロウ", "TARO", "男"),
    ("花子", "ハナコ", "HANAKO", "女"),
    ("次郎", "ジロウ", "JIRO", "男"),
    ("桃子", "モモコ", "MOMOKO", "女"),
    ("三郎", "サブロウ", "SABURO", "男"),
    ("桜子", "サクラコ", "SAKURAKO", "女"),
];

/// The digits of a number in kanji, kana and Latin letters, so that each name is one of a kind
/// and plainly a number.
const DIGITS: [(&str, &str, &str); 10] = [
    ("〇", "レイ", "REI"),
    ("一", "イチ", "ICHI"),
    ("二", "ニ", "NI"),
    ("三", "サン", "SAN"),
    ("四", "ヨン", "YON"),
    ("五", "ゴ", "GO"),
    ("六", "ロク", "ROKU"),
    ("七", "ナナ", "NANA"),
    ("八", "ハチ", "HACHI"),
    ("九", "キュウ", "KYU"),
];

const PORTS: [&str; 4] = ["成田空港", "羽田空港", "関西国際空港", "福岡空港"];

/// A small generator (SplitMix64): for test data, never for secrets.
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`, which is not 0.
    pub(super) fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }
}

/// One made-up person as a line of the list says it.
pub(super) struct Person {
    name: String,
    kana: String,
    romaji: String,
    birth_date: String,
    sex: &'static str,
    passport: String,
    entry_date: String,
    port: &'static str,
    flight: String,
    seat: String,
    address: String,
    stay: String,
    phone: String,
    mail: String,
    consent: &'static str,
    health_centre: String,
}

impl Person {
    pub(super) fn made_up(number: usize, random: &mut Random, recipe: &Recipe) -> Self {
        let family = FAMILY[random.below(FAMILY.len())];
        let given = GIVEN[random.below(GIVEN.len())];
        let digits: Vec<_> = (number + 1)
            .to_string()
            .bytes()
            .map(|digit| DIGITS[usize::from(digit - b'0')])
            .collect();
        let spelt = |which: fn(&(&'static str, &'static str, &'static str)) -> &'static str| {
            digits.iter().map(which).collect::<String>()
        };
        let entry = recipe.today.plus(-(random.below(14) as i32));
        let born = recipe.today.plus(-(400 + random.below(33_000) as i32));
        let house = random.below(30) + 1;
        let stay = match random.below(3) {
            0 => format!("見本ホテル{}号室", 101 + random.below(800)),
            _ => "自宅".to_owned(),
        };
        let centres = &recipe.health_centres;
        Self {
            name: format!("{} {}{}号", family.0, given.0, spelt(|d| d.0)),
            kana: format!("{} {}{}ゴウ", family.1, given.1, spelt(|d| d.1)),
            romaji: format!("{} {}{}GO", family.2, given.2, spelt(|d| d.2)),
            birth_date: written(born, random.below(20)),
            sex: given.3,
            passport: format!("XX{:07}", number + 1),
            entry_date: written(entry, 0),
            port: PORTS[random.below(PORTS.len())],
            flight: format!("ZZ{}", 101 + random.below(40)),
            seat: format!(
                "{}{}",
                1 + random.below(60),
                char::from(b'A' + random.below(10) as u8)
            ),
            address: format!(
                "見本県見本市架空町{}丁目{}番{house}号",
                house % 9 + 1,
                house * 3 % 20 + 1
            ),
            stay,
            phone: format!("0{}0-0000-{:04}", 9 - number / 10_000 % 3, number % 10_000),
            mail: format!("mihon{}@example.jp", number + 1),
            consent: if random.below(12) == 0 { "無" } else { "有" },
            health_centre: match centres.len() {
                0 => String::new(),
                several => centres[random.below(several)].clone(),
            },
        }
    }

    pub(super) fn cells(self, number: usize) -> Vec<String> {
        vec![
            number.to_string(),
            self.name,
            self.kana,
            self.romaji,
            self.birth_date,
            self.sex.to_owned(),
            "日本".to_owned(),
            self.passport,
            self.entry_date,
            self.port.to_owned(),
            self.flight,
            self.seat,
            self.address,
            self.stay,
            self.phone,
            self.mail,
            self.consent.to_owned(),
            self.health_centre,
            String::new(),
        ]
    }
}

/// A day in one of the shapes of such lists; most of them in the commonest.
pub(super) fn written(day: Day, shape: usize) -> String {
    let (year, month, date) = day.parts();
    match shape {
        1 => day.japanese(),
        2 => format!("{year:04}{month:02}{date:02}"),
        3 => format!("{year}年{month}月{date}日"),
        4 => day.to_string(),
        5 => serial(day).to_string(),
        _ => format!("{year}/{month}/{date}"),
    }
}

/// The number by which Excel keeps a day after February 1900.
fn serial(day: Day) -> i32 {
    Day::new(1899, 12, 30).map_or(0, |zero| day.days_since(zero))
}
