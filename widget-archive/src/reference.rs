//! The vendors' tables: fields, places, languages, picture sizes.
//!
//! Data only, so that a change in the vendors' documents is a change of a line
//! here. Sources: amocrm.ru/developers (pages integrations/structure, areas,
//! fields, custom_settings, requirements) and developers.kommo.com (pages
//! manifest-json, field-types, getting-listed). Where the two differ, what
//! either of them allows is allowed.

/// What a value must look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// `true` or `false`.
    Bool,
    /// `true`.
    True,
    /// The number 2.
    Two,
    /// A path into `i18n`.
    Key,
    /// A list of texts that is not empty.
    Texts,
    /// `{…}`
    Object,
    /// An address that begins with `https://`.
    Https,
    /// `#` and three or six hexadecimal digits.
    Colour,
}

impl Shape {
    /// For a message: "must be …".
    pub fn words(self) -> &'static str {
        match self {
            Self::Bool => "true or false",
            Self::True => "true",
            Self::Two => "the number 2",
            Self::Key => "a path into i18n such as \"widget.name\"",
            Self::Texts => "a list of texts, with at least one",
            Self::Object => "an object",
            Self::Https => "an https:// address",
            Self::Colour => "a colour such as \"#0b6470\"",
        }
    }
}

/// Fields without which the upload fails.
pub const REQUIRED: &[(&str, Shape)] = &[
    ("widget.name", Shape::Key),
    ("widget.description", Shape::Key),
    ("widget.short_description", Shape::Key),
    ("widget.interface_version", Shape::Two),
    ("widget.locale", Shape::Texts),
    ("widget.installation", Shape::Bool),
    ("locations", Shape::Texts),
];

/// Fields of a tour, where there is one.
pub const TOUR: &[(&str, Shape)] = &[
    ("tour.is_tour", Shape::True),
    ("tour.tour_images", Shape::Object),
    ("tour.tour_description", Shape::Key),
];

/// Languages of amoCRM and of Kommo.
pub const LOCALES: &[&str] = &["ru", "en", "es", "pt", "tr", "id"];

/// Those of Kommo (developers.kommo.com manifest-json).
pub const KOMMO_LOCALES: &[&str] = &["en", "es", "pt", "tr", "id"];

/// Types a settings field may have.
pub const FIELD_TYPES: &[&str] = &["text", "pass", "users", "users_lp", "custom"];

/// A place where widgets appear.
#[derive(Debug)]
pub struct Location {
    /// As in `locations`, without the suffix.
    pub name: &'static str,
    /// Whether `-0` and `-1` choose if the right column is used.
    pub has_column: bool,
}

const fn with_column(name: &'static str) -> Location {
    Location {
        name,
        has_column: true,
    }
}

const fn plain(name: &'static str) -> Location {
    Location {
        name,
        has_column: false,
    }
}

/// Every place either vendor documents.
pub const LOCATIONS: &[Location] = &[
    with_column("lcard"),
    with_column("ccard"),
    with_column("comcard"),
    with_column("cucard"),
    with_column("llist"),
    with_column("clist"),
    with_column("tlist"),
    with_column("culist"),
    plain("tline"),
    plain("tcalendar"),
    plain("settings"),
    plain("advanced_settings"),
    plain("card_sdk"),
    plain("catalogs"),
    plain("digital_pipeline"),
    plain("lead_sources"),
    plain("sms"),
    plain("mobile_card"),
    plain("salesbot_designer"),
    plain("everywhere"),
    plain("widget_page"),
    plain("whatsapp_modal"),
    plain("amoforms"),
    plain("website_chat_button"),
    plain("ai_agent"),
];

/// The places that are cards, where a tab can be.
pub const CARDS: &[&str] = &["lcard", "ccard", "comcard", "cucard"];

/// A part of the manifest that belongs to one place.
#[derive(Debug)]
pub struct Block {
    /// The place.
    pub location: &'static str,
    /// What has to be there.
    pub path: &'static str,
    /// And what it must look like.
    pub shape: Shape,
}

const fn block(location: &'static str, path: &'static str, shape: Shape) -> Block {
    Block {
        location,
        path,
        shape,
    }
}

/// What each place needs in addition.
pub const BLOCKS: &[Block] = &[
    block("advanced_settings", "advanced.title", Shape::Key),
    block("digital_pipeline", "dp.settings", Shape::Object),
    block("digital_pipeline", "dp.action_multiple", Shape::Bool),
    block("salesbot_designer", "salesbot_designer", Shape::Object),
    block("sms", "sms.endpoint", Shape::Https),
    block("mobile_card", "mobile.frame_url", Shape::Https),
    block("mobile_card", "mobile.color", Shape::Colour),
    block("widget_page", "left_menu", Shape::Object),
    block("amoforms", "amoforms_settings", Shape::Object),
];

/// A picture the platform looks for by its name.
#[derive(Debug)]
pub struct Logo {
    /// The path in the archive.
    pub path: &'static str,
    /// Pixels.
    pub width: usize,
    /// Pixels.
    pub height: usize,
    /// Whether it is needed in a sales pipeline only.
    pub pipeline_only: bool,
}

const fn logo(path: &'static str, width: usize, height: usize) -> Logo {
    Logo {
        path,
        width,
        height,
        pipeline_only: false,
    }
}

/// The logos; the sizes are exact.
pub const LOGOS: &[Logo] = &[
    logo("images/logo_main.png", 400, 272),
    logo("images/logo_medium.png", 240, 84),
    logo("images/logo.png", 130, 100),
    logo("images/logo_small.png", 108, 108),
    logo("images/logo_min.png", 84, 84),
    Logo {
        path: "images/logo_dp.png",
        width: 174,
        height: 109,
        pipeline_only: true,
    },
];

/// The pictures of the tour, in pixels.
pub const TOUR_SIZE: (usize, usize) = (1188, 616);

/// How many of them a language may have.
pub const TOUR_COUNT: std::ops::RangeInclusive<usize> = 1..=5;

/// The heaviest a picture may be: 300 KB.
pub const PICTURE_BYTES: usize = 300 * 1024;

/// What the marketplaces show of a text: the key, characters in all, characters of one word.
pub const TEXT_LIMITS: &[(&str, usize, Option<usize>)] = &[
    ("widget.name", 30, Some(19)),
    ("widget.short_description", 50, None),
    ("widget.description", 400, None),
];
