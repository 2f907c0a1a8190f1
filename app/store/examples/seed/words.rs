//! Words of everything but the names of people and companies: places, subjects, notes.

use super::dice::Dice;

pub const CITIES: &[&str] = &[
    "Berlin",
    "München",
    "Köln",
    "Düsseldorf",
    "Zürich",
    "Wien",
    "Hamburg",
    "Nürnberg",
    "London",
    "Manchester",
    "Dublin",
    "Edinburgh",
    "New York",
    "Boston",
    "Chicago",
    "San Francisco",
    "Toronto",
    "Montréal",
    "Paris",
    "Lyon",
    "Besançon",
    "Madrid",
    "Málaga",
    "A Coruña",
    "Lisboa",
    "São Paulo",
    "København",
    "Århus",
    "Malmö",
    "Göteborg",
    "Oslo",
    "Tromsø",
    "Helsinki",
    "Jyväskylä",
    "Reykjavík",
    "Warszawa",
    "Kraków",
    "Łódź",
    "Praha",
    "Plzeň",
    "İstanbul",
    "İzmir",
    "Αθήνα",
    "Київ",
    "София",
    "Tel Aviv",
    "دبي",
    "東京",
    "大阪",
    "北京",
    "上海",
    "서울",
    "Đà Nẵng",
    "Bengaluru",
];
pub const OFFICES: &[&str] = &["Berlin", "London", "København", "New York"];
pub const JOBS: &[&str] = &[
    "CEO",
    "Managing Director",
    "Geschäftsführerin",
    "Head of Operations",
    "IT Director",
    "Procurement Manager",
    "Einkaufsleiter",
    "Chief Financial Officer",
    "Product Manager",
    "Head of Sales",
    "Office Manager",
    "Software Engineer",
    "Responsable commercial",
    "Data Protection Officer",
    "Head of Marketing",
    "Plant Manager",
    "Werkleiter",
    "Controller",
    "Customer Success Manager",
    "Research Fellow",
];
pub const TOPICS: &[&str] =
    &["Sailing", "Chess", "Hiking in the Alps", "Open source", "Jazz", "Football", "Wine", "Gardening", "Trains", "Photography"];
pub const COMPANY_TEXTS: &[&str] = &[
    "Family business in the third generation.",
    "Buys through a framework agreement; the works council decides along.",
    "Grew by two acquisitions last year, systems are not merged yet.",
    "Expands to Scandinavia.",
    "Sehr preisbewusst, aber treu.",
    "Public tender every four years.",
    "Reference customer for the region.",
];
pub const TEAMS: &[&str] = &["Sales North", "Sales South", "Key accounts"];
/// Who is in the teams besides the owner of the workspace, and what share of the records each has.
pub const MEMBERS: &[(&str, u32)] = &[
    ("Maya Lindqvist", 12),
    ("Tom Okoro", 11),
    ("Lena Brandt", 10),
    ("Jürgen Großmann", 9),
    ("Sofía Ibáñez", 9),
    ("Zoë Vandamme", 8),
    ("Łukasz Wójcik", 7),
    ("Ayşe Yıldırım", 6),
    ("佐藤 健太", 5),
    ("Ольга Соколова", 4),
    ("Pádraig O’Brien", 3),
];
pub const PRODUCTS: &[(&str, &str, i64)] = &[
    ("Starter", "Cloud", 490),
    ("Team", "Cloud", 1_900),
    ("Business", "Cloud", 4_800),
    ("Enterprise", "Cloud", 18_000),
    ("Data Hub", "Add-ons", 2_400),
    ("Archive", "Add-ons", 900),
    ("Single sign-on", "Add-ons", 1_200),
    ("Onboarding", "Services", 3_500),
    ("Schulung vor Ort", "Services", 2_200),
    ("Premium support", "Services", 6_000),
    ("Migration", "Services", 9_500),
    ("Audit", "Services", 4_200),
];
pub const TAGS: &[(&str, &str, &str)] = &[
    ("VIP", "Standing", "red"),
    ("Reference", "Standing", "green"),
    ("At risk", "Standing", "orange"),
    ("Newsletter", "Marketing", "blue"),
    ("Hannover Messe 2025", "Events", "purple"),
    ("Web Summit 2024", "Events", "purple"),
    ("Café-Runde", "Events", "pink"),
    ("Partner", "Kind", "teal"),
    ("Öffentlicher Dienst", "Kind", "yellow"),
    ("Start-up", "Kind", "yellow"),
    ("Nonprofit", "Kind", "yellow"),
    ("Do not discount", "Sales", "grey"),
    ("Upsell", "Sales", "green"),
    ("Renewal", "Sales", "teal"),
    ("Competitor", "Sales", "red"),
    ("Alumni", "Network", "blue"),
    ("Investor", "Network", "purple"),
    ("Press", "Network", "grey"),
    ("Español", "Language", "grey"),
    ("Deutsch", "Language", "grey"),
    ("日本語", "Language", "grey"),
    ("Cold", "Temperature", "blue"),
    ("Hot", "Temperature", "orange"),
    ("Follow up 2026", "Sales", "pink"),
];
pub const SUBJECTS: &[&str] = &[
    "Intro call",
    "Product demo",
    "Pricing questions",
    "Contract details",
    "Quarterly review",
    "Coffee at the fair",
    "Referral to a colleague",
    "Follow-up on the offer",
    "Rückfrage zum Angebot",
    "Vor-Ort-Termin",
    "Security questionnaire",
    "Kick-off of the pilot",
    "Reklamation",
    "Renewal",
    "Point de suivi",
    "Reunión de seguimiento",
];
pub const NEXT_STEPS: &[&str] = &[
    "Send the proposal",
    "Call back about pricing",
    "Book the demo",
    "Ask for the contract",
    "Meet the decision maker",
    "Check in after the holidays",
    "Angebot nachfassen",
    "Clarify the terms with legal",
];
pub const TASKS: &[(&str, &str)] = &[
    ("Send the revised offer", "email"),
    ("Call back about pricing", "call"),
    ("Prepare the demo", "meeting"),
    ("Pipeline review", "meeting"),
    ("Book travel to the fair", "todo"),
    ("Write the case study", "todo"),
    ("Ask for a referral", "follow_up"),
    ("Connect on LinkedIn", "linkedin"),
    ("Vertrag prüfen lassen", "todo"),
    ("Send the invoice once more", "email"),
    ("Geburtstagsgruß schicken", "other"),
    ("Check the support tickets", "follow_up"),
];
const SENTENCES: &[&str] = &[
    "We went through the open points and agreed on what comes next.",
    "The budget is there, but procurement wants three offers.",
    "They use a spreadsheet today and lose half a day a week with it.",
    "Der Termin war kurz, die Stimmung gut.",
    "Legal asks for the data processing agreement before anything else.",
    "They want to start with one site and roll out in spring.",
    "Their contract with the present supplier ends in September.",
    "Es fehlt noch die Freigabe der Geschäftsführung.",
    "He asked for a reference in the same industry.",
    "She will present it to the board on Thursday.",
    "Prix jugé trop élevé, à revoir avec le volume.",
    "Nothing new since last time; the project is on hold.",
    "The trial went well: 34 of 40 users were active in the first week.",
    "Wants to be called only in the morning.",
    "Quiere una demo en español para su equipo.",
];

/// Some sentences of what was said.
pub fn sentences(dice: &mut Dice, count: usize) -> String {
    (0..count).map(|_| *SENTENCES.get(dice.below(SENTENCES.len())).unwrap_or(&"")).collect::<Vec<_>>().join(" ")
}

/// A note in Markdown: most are a line, some a page.
pub fn note(dice: &mut Dice) -> String {
    match dice.below(100) {
        0..60 => sentences(dice, 1),
        60..80 => format!("{}\n\n{}", sentences(dice, 1), sentences(dice, 3)),
        80..98 => {
            let points: String = (0..3 + dice.below(4)).map(|_| format!("- {}\n", sentences(dice, 1))).collect();
            format!("## {}\n\n{points}\n**Next:** {}", dice.pick(SUBJECTS), dice.pick(NEXT_STEPS))
        }
        _ => {
            let parts: String =
                (0..4 + dice.below(5)).map(|n| format!("### {}. {}\n\n{}\n\n", n + 1, dice.pick(SUBJECTS), sentences(dice, 8))).collect();
            format!("# Minutes: {}\n\n{parts}", dice.pick(SUBJECTS))
        }
    }
}
