//! Sample data: names and proportions, the same every time, with dates counted back from now.

pub const COMPANIES: [(&str, &str, &str, i64); 24] = [
    ("Alder & Finch", "Consulting", "London", 120),
    ("Birchwood Foods", "Food", "Leeds", 640),
    ("Cobalt Robotics", "Manufacturing", "Munich", 310),
    ("Delphi Health", "Healthcare", "Zurich", 980),
    ("Elmstone Energy", "Energy", "Oslo", 2200),
    ("Fjord Logistics", "Logistics", "Bergen", 430),
    ("Granite Mutual", "Insurance", "Dublin", 1500),
    ("Harbour Textiles", "Retail", "Porto", 88),
    ("Iris Optics", "Medical devices", "Jena", 210),
    ("Juniper Labs", "Software", "Berlin", 45),
    ("Kestrel Airways", "Travel", "Lisbon", 3100),
    ("Larch Studios", "Media", "Vienna", 34),
    ("Meridian Bank", "Banking", "Frankfurt", 5400),
    ("Northwind Paper", "Manufacturing", "Tampere", 760),
    ("Orchid Pharma", "Healthcare", "Basel", 1900),
    ("Pinewood Homes", "Construction", "Bristol", 290),
    ("Quill Publishing", "Media", "Madrid", 67),
    ("Ridgeline Sports", "Retail", "Innsbruck", 150),
    ("Saffron Kitchens", "Food", "Lyon", 95),
    ("Tidewater Marine", "Logistics", "Rotterdam", 520),
    ("Umbra Security", "Software", "Tallinn", 80),
    ("Vantage Cloud", "Software", "Amsterdam", 260),
    ("Willow Clinics", "Healthcare", "Copenhagen", 340),
    ("Zephyr Wind", "Energy", "Aarhus", 410),
];

pub const FIRST: [&str; 20] = [
    "Ana", "Ben", "Clara", "David", "Elif", "Farid", "Grace", "Hugo", "Ines", "Jonas", "Kira", "Liam", "Mina", "Noah", "Olga", "Pavel", "Rosa",
    "Sven", "Tara", "Yusuf",
];
pub const LAST: [&str; 15] = [
    "Almeida", "Berg", "Costa", "Dvorak", "Eriksen", "Fischer", "Garcia", "Hansen", "Ivanova", "Jensen", "Keller", "Laurent", "Moreau", "Novak",
    "Okafor",
];
pub const TITLES: [&str; 8] = [
    "CEO",
    "Head of Operations",
    "IT Director",
    "Procurement Manager",
    "Chief Financial Officer",
    "Product Manager",
    "Head of Sales",
    "Office Manager",
];
/// What its import and its events are called; the catalogues translate it.
pub const NAME: &str = "the sample data";

/// The team that the sample comes with; placeholders like those of an import.
pub const MEMBERS: [&str; 3] = ["Maya Lindqvist", "Tom Okoro", "Lena Brandt"];
pub const PRODUCTS: [(&str, i64); 3] = [("Starter", 490_000), ("Team", 1_900_000), ("Enterprise", 7_500_000)];
pub const NEXT_STEPS: [&str; 6] =
    ["Send the proposal", "Call back about pricing", "Book the demo", "Ask for the contract", "Meet the decision maker", "Check in"];
pub const SUBJECTS: [&str; 8] = [
    "Intro call",
    "Product demo",
    "Pricing questions",
    "Contract details",
    "Quarterly review",
    "Coffee at the fair",
    "Referral to a colleague",
    "Follow-up on the offer",
];

/// How many of each a sample has.
pub const PEOPLE: usize = 60;
pub const OPEN_DEALS: usize = 96;
pub const WON_DEALS: usize = 84;
pub const LOST_DEALS: usize = 40;
pub const INTERACTIONS: usize = 180;

/// A number that looks random and is the same for the same `n` and `salt`, from 0 to `below` - 1.
pub fn pick(n: usize, salt: u64, below: usize) -> usize {
    // SplitMix64: good enough for sample data, and needs no crate.
    let mut x = (n as u64).wrapping_add(salt.wrapping_mul(0x9e37_79b9_7f4a_7c15)).wrapping_add(0x9e37_79b9_7f4a_7c15);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((x ^ (x >> 31)) % below.max(1) as u64) as usize
}
