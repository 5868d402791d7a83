//! The operator's list of passwords that became known.

use std::io;

use zhengtong_db::Shelf;
use zhengtong_party::*;

use crate::world::{HOUSE, PASSWORD, as_, catalog, city, word};

#[tokio::test]
async fn a_password_that_became_known_is_refused_by_the_operators_list() {
    let known = "herons over the long bridge";
    let list = KnownPasswords::new(move |asked| Ok(asked == known));
    let test = city().await.with(HOUSE, Shelf::default().with(catalog()).with(list));
    let mut ctx = as_(&test, "boss").await;
    let refused = change_password(&mut ctx, PASSWORD, known).await.unwrap_err();
    let Error::Invalid(faults) = &refused else { panic!("{refused:?}") };
    assert!(faults[0].text.en.contains("became known"), "{faults:?}");
    let done = change_password(&mut ctx, PASSWORD, "herons under the long bridge").await.unwrap();
    assert!(matches!(done, Tried::Done(_)));
}

#[tokio::test]
async fn a_list_that_cannot_be_read_lets_no_password_through_unseen() {
    let list = KnownPasswords::new(|_| Err(io::ErrorKind::NotFound.into()));
    let test = city().await.with(HOUSE, Shelf::default().with(catalog()).with(list));
    let mut ctx = as_(&test, "boss").await;
    assert!(change_password(&mut ctx, PASSWORD, "herons over the long bridge").await.is_err());
    // What is refused anyway is refused without the list.
    assert_eq!(word(change_password(&mut ctx, PASSWORD, "1234567890").await), "invalid");
}
