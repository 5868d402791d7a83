//! Check rules of national codes. Each file's page names its standard; `rule` gives them all stable
//! names, so that a pack can ask for one.
//!
//! What a person types is read leniently (full-width digits, spaces, a small x) and kept in one
//! canonical spelling: store what `as_str` or [`canonical`] gives back, never what was typed.

mod check;
mod citizen;
mod contact;
mod credit;
mod dates;
mod error;
mod industry;
mod item;
mod licence;
mod names;
mod organisation;
mod product;
mod region;
mod registration;
mod rule;
mod spelling;
mod spoken;
mod vehicle;

pub use citizen::{CitizenNumber, Sex};
pub use contact::{EmailAddress, MobileNumber, Postcode};
pub use credit::{CreditCode, CreditParts};
pub use dates::{IsoDate, parse_date};
pub use error::{CodeError, CodeKind};
pub use industry::IndustryCode;
pub use item::ItemCode;
pub use licence::{LicenceNumber, LicenceParts};
pub use names::PersonName;
pub use organisation::OrganisationCode;
pub use product::ProductCode;
pub use region::{RegionCode, RegionLevel, TownshipKind};
pub use registration::RegistrationNumber;
pub use rule::{CanonicalFn, ValidatorFn, canonical, kind, mask, validator, validator_names};
pub use spelling::half_width;
pub use spoken::{heard, is_spoken, spoken};
pub use vehicle::VehicleNumber;
