//! Every column that holds something sealed, in one table.
//!
//! A [`Place`](super::vault::Place) takes its column from here, so that nothing can be sealed
//! for a column that `accord keys reseal` does not know; and a test holds the schema of both
//! databases against [`ALL`].

/// Under whose key a column is sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Under {
    /// A master key of the configuration.
    Master,
    /// The person's own key, which `subject.wrapped_key` holds under a master key: these values
    /// outlive master keys as they are.
    Person,
}

/// What tells the rows of a table apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// A UUID, to which the sealed value is bound.
    Uuid(&'static str),
    /// A name. The value is bound to the column alone.
    Name(&'static str),
}

impl Key {
    /// The column's name.
    #[must_use]
    pub fn column(self) -> &'static str {
        match self {
            Self::Uuid(column) | Self::Name(column) => column,
        }
    }
}

/// One sealed column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// The table.
    pub table: &'static str,
    /// The column.
    pub name: &'static str,
    /// What tells its rows apart.
    pub key: Key,
    /// Under whose key it is.
    pub under: Under,
}

impl Column {
    const fn new(table: &'static str, name: &'static str, key: Key, under: Under) -> Self {
        Self {
            table,
            name,
            key,
            under,
        }
    }
}

const ID: Key = Key::Uuid("id");

/// The key of the blind indexes.
pub const KEYRING: Column = Column::new("keyring", "wrapped", Key::Name("purpose"), Under::Master);
/// A secret of an integration.
pub const PRODUCT_SECRET: Column = Column::new("product_secret", "sealed", ID, Under::Master);
/// An authorization code.
pub const GRANT_CODE: Column = Column::new("grant_offer", "code", ID, Under::Master);
/// An access token on its way to an Install.
pub const GRANT_ACCESS: Column = Column::new("grant_offer", "access", ID, Under::Master);
/// A refresh token on its way to an Install.
pub const GRANT_REFRESH: Column = Column::new("grant_offer", "refresh", ID, Under::Master);
/// An account's access token.
pub const TOKEN_ACCESS: Column = Column::new("token_pair", "access", ID, Under::Master);
/// An account's refresh token.
pub const TOKEN_REFRESH: Column = Column::new("token_pair", "refresh", ID, Under::Master);
/// A person's key.
pub const PERSON_KEY: Column = Column::new("subject", "wrapped_key", ID, Under::Master);
/// What events are signed with.
pub const ENDPOINT_SECRET: Column = Column::new("endpoint_secret", "sealed", ID, Under::Master);
/// What receipts and checkpoints are signed with.
pub const SIGNING_SEED: Column = Column::new("signing_key", "sealed_seed", ID, Under::Master);
/// A person's contact details.
pub const CONTACT: Column = Column::new("contact", "sealed", ID, Under::Person);
/// Who the person of an entry is to amoCRM.
pub const ENTRY_PERSON: Column = Column::new("consent", "sealed_person", ID, Under::Person);
/// What a person wrote to a request.
pub const REQUEST_COMMENT: Column = Column::new("request", "sealed_comment", ID, Under::Person);

/// All of them.
pub const ALL: [Column; 13] = [
    KEYRING,
    PRODUCT_SECRET,
    GRANT_CODE,
    GRANT_ACCESS,
    GRANT_REFRESH,
    TOKEN_ACCESS,
    TOKEN_REFRESH,
    PERSON_KEY,
    ENDPOINT_SECRET,
    SIGNING_SEED,
    CONTACT,
    ENTRY_PERSON,
    REQUEST_COMMENT,
];

/// Those that a change of master keys is about.
pub fn under_master() -> impl Iterator<Item = Column> {
    ALL.into_iter()
        .filter(|column| column.under == Under::Master)
}
