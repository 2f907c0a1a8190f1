//! Names of people, as they come together in a company that sells all over the world. First and last name are of one language.

use super::dice::Dice;
use std::sync::LazyLock;

/// First names and last names of a language, and how many of a hundred people have them. A name in another script has its
/// form in an address behind a bar.
const LANGUAGES: &[(u32, &str, &str)] = &[
    (
        26,
        "Anna Lena Jürgen Käthe Björn Sören Günther Jörg Mareike Ute Heike Stefan Thomas Michael Andreas Sabine Claudia Katrin Frank Uwe Lukas Felix \
         Jonas Moritz Emma Hannah Mia Leonie Paul Max Friederike Wolfgang Brünhilde Götz Änne",
        "Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schulz Hoffmann Schäfer Koch Bauer Richter Klein Wolf Schröder Neumann Schwarz \
         Zimmermann Braun Krüger Hofmann Hartmann Lange Werner Krause Lehmann Köhler Maier König Mayer Huber Kaiser Fuchs Peters Möller Weiß Jung Hahn \
         Günther Jäger Böhm Groß Großmann Löwe Strauß Büttner",
    ),
    (
        22,
        "James Mary Robert Patricia John Jennifer Michael Linda David Elizabeth William Barbara Richard Susan Joseph Jessica Charles Sarah Christopher \
         Karen Daniel Nancy Matthew Lisa Anthony Betty Mark Sandra Grace Oliver Amelia Harry Siobhan Aidan",
        "Smith Johnson Williams Brown Jones Davis Miller Wilson Anderson Taylor Thomas Moore Jackson Martin Lee Thompson White Harris Clark Lewis \
         Robinson Walker Young Allen King Wright Scott Hill Green Adams Nelson Baker Hall Campbell Mitchell Carter Roberts O'Brien O'Neill MacDonald",
    ),
    (
        8,
        "Chloé Camille Hélène François Benoît Jérôme Élodie Zoé Noël Théo Agnès Cécile Frédéric Gaëlle Loïc Maëlle Rémi Solène Yves Béatrice",
        "Martin Bernard Dubois Lefèvre Moreau Laurent Michel Garnier Lefebvre Bézier Chevallier Gauthier Perrin Benoît Désiré Noël Hervé Bélanger Côté \
         Françoise",
    ),
    (
        8,
        "María José Lucía Íñigo Begoña Andrés Sofía Álvaro Inés Joaquín Raúl Mónica Óscar Verónica Ramón Ximena Belén Tomás Nuria Julián",
        "García Fernández González Rodríguez López Martínez Sánchez Pérez Gómez Martín Jiménez Ruiz Hernández Díaz Moreno Muñoz Álvarez Romero \
         Núñez Ibáñez Peña Cañas",
    ),
    (
        6,
        "Søren Åsa Jørgen Bjørn Astrid Freja Ingrid Lærke Øyvind Märta Håkon Sigrid Linnéa Oskar Elsa Mikkel Torbjörn Åke Aino Väinö",
        "Hansen Johansson Nielsen Jørgensen Sørensen Åkesson Öberg Lindström Bergström Sjögren Øvergård Kjær Mäkinen Virtanen Hämäläinen Østergaard \
         Nygård Lindqvist Þórsson Guðmundsdóttir",
    ),
    (
        6,
        "Łukasz Małgorzata Zofia Paweł Grażyna Jiří Zdeněk Věra Kateřina Ondřej Šárka Bożena Wojciech Agnieszka Žofie Dušan Ľubica Čestmír",
        "Nowak Kowalski Wiśniewski Wójcik Kowalczyk Kamiński Lewandowski Zieliński Dvořák Černý Procházka Kučera Veselý Horák Němec Šťastný Růžička \
         Łukaszewicz",
    ),
    (
        5,
        "Ayşe Mehmet Çağla Özgür İbrahim Gülşen Ümit Şebnem Emre Elif Yiğit Zeynep Ozan Tuğba Hakan",
        "Yılmaz Kaya Demir Şahin Çelik Yıldız Yıldırım Öztürk Aydın Özdemir Arslan Doğan Kılıç Çetin Güneş",
    ),
    (
        4,
        "João Inês Conceição Gonçalo Luís Mário Cecília Antônio Fábio Lívia Otávio Brás",
        "Silva Santos Ferreira Pereira Araújo Conceição Magalhães Simões Guimarães Brandão Falcão Leão",
    ),
    (3, "Ngọc Minh Hương Đức Thảo Quân Phượng Tuấn", "Nguyễn Trần Lê Phạm Huỳnh Võ Đặng Bùi"),
    (
        3,
        "Иван|ivan Ольга|olga Сергей|sergej Наталья|natalja Дмитрий|dmitrij Юлия|julija Андрій|andrij Оксана|oksana Тетяна|tetjana Борис|boris",
        "Иванов|ivanov Петрова|petrova Кузнецов|kuznecov Соколова|sokolova Шевченко|shevchenko Коваленко|kovalenko Попов|popov Бондаренко|bondarenko",
    ),
    (
        2,
        "Γιώργος|giorgos Ελένη|eleni Νίκος|nikos Κατερίνα|katerina Δημήτρης|dimitris Σοφία|sofia",
        "Παπαδόπουλος|papadopoulos Γεωργίου|georgiou Οικονόμου|oikonomou Βασιλείου|vasileiou Νικολάου|nikolaou",
    ),
    (
        3,
        "伟|wei 芳|fang 娜|na 秀英|xiuying 敏|min 静|jing 建国|jianguo 丽|li 强|qiang 磊|lei",
        "王|wang 李|li 张|zhang 刘|liu 陈|chen 杨|yang 赵|zhao 黄|huang 周|zhou 吴|wu",
    ),
    (
        1,
        "健太|kenta さくら|sakura 陽子|yoko 大輔|daisuke 美咲|misaki 翔|sho",
        "佐藤|sato 鈴木|suzuki 高橋|takahashi 田中|tanaka 渡辺|watanabe 伊藤|ito",
    ),
    (1, "민준|minjun 서연|seoyeon 지훈|jihun 수빈|subin", "김|kim 이|lee 박|park 최|choi"),
    (1, "محمد|mohammed فاطمة|fatima أحمد|ahmed ليلى|layla", "الحسن|alhassan منصور|mansour خليل|khalil حداد|haddad"),
    (1, "אורי|uri נועה|noa יעל|yael דוד|david", "כהן|cohen לוי|levi מזרחי|mizrahi פרץ|peretz"),
];

/// A name and its form in an address.
type Name = (&'static str, String);

struct Language {
    weight: u32,
    latin: bool,
    first: Vec<Name>,
    last: Vec<Name>,
}

static PARSED: LazyLock<Vec<Language>> = LazyLock::new(|| {
    let list = |names: &'static str| -> Vec<Name> {
        names.split_whitespace().map(|n| n.split_once('|').map_or_else(|| (n, plain(n)), |(name, plain)| (name, plain.to_owned()))).collect()
    };
    LANGUAGES
        .iter()
        .map(|(weight, first, last)| Language { weight: *weight, latin: !first.contains('|'), first: list(first), last: list(last) })
        .collect()
});

pub struct Person {
    pub first: String,
    pub last: &'static str,
    /// `first.last`, as it stands in an address.
    pub address: String,
}

impl Person {
    pub fn full(&self) -> String {
        format!("{} {}", self.first, self.last)
    }
}

pub fn person(dice: &mut Dice) -> Person {
    let mut left = dice.below(PARSED.iter().map(|l| l.weight as usize).sum());
    let found = PARSED.iter().find(|l| {
        let here = left < l.weight as usize;
        left = left.saturating_sub(l.weight as usize);
        here
    });
    let language = found.unwrap_or(&PARSED[0]);
    let (first, plain_first) = &language.first[dice.below(language.first.len())];
    let (last, plain_last) = &language.last[dice.below(language.last.len())];
    let (second, _) = &language.first[dice.below(language.first.len())];
    let first = match dice.below(100) {
        _ if !language.latin || second == first => (*first).to_owned(),
        0..6 => format!("{first}-{second}"),
        6..26 => format!("{first} {second}"),
        _ => (*first).to_owned(),
    };
    Person { first, last, address: format!("{plain_first}.{plain_last}") }
}

/// How letters outside ASCII are written in an address.
const PLAIN: &[(&str, &str)] = &[
    ("àáâãåąạăảấầậ", "a"),
    ("çćč", "c"),
    ("ďđð", "d"),
    ("èéêëęěếềệ", "e"),
    ("ğ", "g"),
    ("ìíîïı", "i"),
    ("ľł", "l"),
    ("ñńňņ", "n"),
    ("òóôõøơọộ", "o"),
    ("řŕ", "r"),
    ("śšşș", "s"),
    ("ťț", "t"),
    ("ùúûůưựũ", "u"),
    ("ýỳỹ", "y"),
    ("źżž", "z"),
    ("äæ", "ae"),
    ("öœ", "oe"),
    ("ü", "ue"),
    ("ß", "ss"),
    ("þ", "th"),
];

/// Lower-case letters and digits alone, as in an address.
pub fn plain(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars().flat_map(char::to_lowercase) {
        match PLAIN.iter().find(|p| p.0.contains(c)) {
            Some((_, plain)) => out.push_str(plain),
            None if c.is_ascii_alphanumeric() => out.push(c),
            None => {}
        }
    }
    out
}
