//! A receipt's record for programs that read ISO/IEC TS 27560:2023. The names are
//! the standard's; docs/evidence.md says what each holds and what it is called in
//! Kantara's Consent Receipt 1.1.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::consents::{Act, Entry};
use crate::domain::facts::{Facts, Purpose};
use crate::domain::starter::Identity;
use crate::domain::time::Timestamp;

/// The edition whose names are used.
const SCHEMA: &str = "ISO/IEC TS 27560:2023";
/// What the Publisher is called inside of a record.
const CONTROLLER: &str = "publisher";

/// A consent record. Absent values are left out, as the standard wants it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Record {
    /// The edition.
    pub schema_version: String,
    /// The entry's id.
    pub record_id: String,
    /// The person, by our id: nobody else can tell who it is.
    pub pii_principal_id: String,
    /// Where the words stand.
    pub privacy_notice: String,
    /// Their language.
    pub language: String,
    /// What was agreed to; after a withdrawal nothing.
    pub purposes: Vec<RecordPurpose>,
    /// How the data came.
    pub collection_method: String,
    /// How to take the consent back.
    pub withdrawal_method: String,
    /// What the person may ask for.
    pub privacy_rights: Vec<String>,
    /// Whose law.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jurisdiction: Option<String>,
    /// Who answers for the data.
    pub party_identification: Vec<Party>,
    /// What happened.
    pub event: Vec<Event>,
}

/// One purpose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RecordPurpose {
    /// Its code: the clause that names it.
    pub purpose: String,
    /// Its title in the language of the words.
    pub purpose_type: String,
    /// `consent`, `contract` or `law`.
    pub lawful_basis: String,
    /// Which data.
    pub pii_information: Vec<Information>,
    /// Who answers for it.
    pub pii_controllers: Vec<String>,
    /// Who else gets it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub recipient_third_parties: Vec<String>,
    /// How long it is kept, and from when.
    pub retention_period: String,
}

/// One kind of data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Information {
    /// Its category (clause 4.2).
    pub pii_type: String,
}

/// Somebody named in a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Party {
    /// How the record refers to them.
    pub party_id: String,
    /// Name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub party_name: Option<String>,
    /// Postal address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub party_address: Option<String>,
    /// Where to write to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub party_email: Option<String>,
    /// Web site.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub party_url: Option<String>,
    /// Their part.
    pub party_role: String,
    /// Legal form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub party_type: Option<String>,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = RecordEvent)]
pub struct Event {
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub event_time: Timestamp,
    /// By whom.
    pub entity_id: String,
    /// `explicit` for a ticked box and a pressed button.
    pub event_type: String,
    /// `consent given` or `consent withdrawn`.
    pub event_state: String,
}

/// What a record needs to know besides the entry.
pub struct Holder<'a> {
    /// Who answers for the data.
    pub identity: Identity<'a>,
    /// Address of the Policy's version.
    pub notice: String,
    /// Country code of the law that applies (clause 9.4), where we know it.
    pub jurisdiction: Option<&'a str>,
}

impl Record {
    /// The record of an entry under the facts of its version.
    #[must_use]
    pub fn new(entry: &Entry, facts: &Facts, holder: &Holder<'_>) -> Self {
        let principal = entry.subject.to_string();
        let agreed = |p: &&Purpose| entry.purposes.contains(&p.code);
        Self {
            schema_version: SCHEMA.to_owned(),
            record_id: entry.id.to_string(),
            privacy_notice: holder.notice.clone(),
            language: entry.shown.lang.clone(),
            purposes: facts
                .purposes
                .iter()
                .filter(agreed)
                .map(|p| RecordPurpose::new(p, &entry.shown.lang))
                .collect(),
            collection_method: "form in the Product's settings".to_owned(),
            withdrawal_method: "one button in the Product's control panel, or an e-mail".to_owned(),
            privacy_rights: ["access", "rectification", "withdrawal of consent", "claim"]
                .map(str::to_owned)
                .to_vec(),
            jurisdiction: holder.jurisdiction.map(str::to_owned),
            party_identification: vec![Party::new(&holder.identity)],
            event: vec![Event {
                event_time: entry.at,
                entity_id: principal.clone(),
                event_type: "explicit".to_owned(),
                event_state: match entry.act {
                    Act::Given => "consent given",
                    Act::Withdrawn => "consent withdrawn",
                }
                .to_owned(),
            }],
            pii_principal_id: principal,
        }
    }
}

impl RecordPurpose {
    fn new(purpose: &Purpose, lang: &str) -> Self {
        let primary = lang.split('-').next().unwrap_or_default();
        let title = [lang, primary, "en"]
            .iter()
            .find_map(|l| purpose.title.get(*l));
        Self {
            purpose: purpose.code.clone(),
            purpose_type: title.unwrap_or(&purpose.code).clone(),
            lawful_basis: purpose.basis.name().to_owned(),
            pii_information: purpose
                .categories
                .iter()
                .map(|category| Information {
                    pii_type: category.clone(),
                })
                .collect(),
            pii_controllers: vec![CONTROLLER.to_owned()],
            recipient_third_parties: purpose.recipients.iter().cloned().collect(),
            retention_period: purpose.retention.to_string(),
        }
    }
}

impl Party {
    fn new(identity: &Identity<'_>) -> Self {
        let own = |part: Option<&str>| part.map(str::to_owned);
        Self {
            party_id: CONTROLLER.to_owned(),
            party_name: own(identity.name),
            party_address: own(identity.address),
            party_email: own(identity.mailbox),
            party_url: own(identity.site),
            party_role: "PII controller".to_owned(),
            party_type: own(identity.legal_form),
        }
    }
}
