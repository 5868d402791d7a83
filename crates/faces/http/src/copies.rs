//! Pages that are the same for everybody are drawn once a second, not once a visitor.
//!
//! A handler says with [`see_same`] that its page holds nothing of the visitor. For visitors without a login such a
//! page is kept for a second; what differs from answer to answer (the nonce, the number of the page, the token of
//! forms) is put in anew each time. When packs are read again, nothing older is shown.
//!
//! When a page grows old, one request draws it anew and the others are shown the old one meanwhile: a crowd at one page
//! never draws it as a crowd. Where there is no place to draw it, the old one is shown a little longer. The page that says
//! that there is no place is made the same way, for it is drawn when there is least time to draw.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use maud::{Markup, html};
use tokio::time::Instant;

use zhengtong_ui::words::encode;

use crate::page::see;
use crate::visit::Visit;

/// How long a page is shown again.
const FRESH: Duration = Duration::from_secs(1);
/// How long the old one is shown while somebody draws it anew, or nobody can.
const OLD: Duration = Duration::from_mins(1);
/// After so long, whoever was drawing it is not waited for any more.
const DRAWING: Duration = Duration::from_secs(3);
/// Where a page about no place in particular was drawn; its marks are replaced by the path that was asked for.
const ANYWHERE: &str = "/anywhere-that-was-asked-for";
const ANYWHERE_ENCODED: &str = "%2Fanywhere-that-was-asked-for";
/// Pages that are kept.
const PAGES_MAX: usize = 512;
/// Bytes of a page that is kept.
const PAGE_BYTES_MAX: usize = 256 * 1024;
/// What stands before the token of forms in a page.
const FORM: &str = "data-csrf=\"";
/// A form that the visitor would send: its page is never shared.
const OWN_FORM: &str = "name=\"csrf\"";

/// Says of an answer that it holds nothing of the visitor.
#[derive(Clone, Copy, Debug)]
struct Same;

/// A page that is the same for every visitor who has not logged in.
pub fn see_same(page: Markup) -> Response {
    let mut response = see(page);
    response.extensions_mut().insert(Same);
    response
}

/// The pages that are shown again.
#[derive(Debug, Default)]
pub struct Copies(Mutex<HashMap<Key, Drawn>>);

/// A page that was drawn.
#[derive(Debug)]
struct Drawn {
    at: Instant,
    pieces: Arc<[Piece]>,
    /// Since when somebody draws it anew.
    anew: Option<Instant>,
}

/// What a page depends on beside the city's data.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    path: String,
    preferences: String,
    /// The definitions in force, by their place in memory.
    definitions: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    Nonce,
    Request,
    Form,
    Path,
    PathEncoded,
}

impl Key {
    /// The key of a request whose answer may be shared: a visitor who reads a page.
    pub(crate) fn of(method: &Method, visit: &Visit, json: bool, pending: bool) -> Option<Self> {
        let shared = *method == Method::GET && visit.token.is_none() && !json && !pending;
        shared.then(|| Self::new(visit))
    }

    fn new(visit: &Visit) -> Self {
        Self {
            path: visit.path.clone(),
            preferences: visit.preferences.cookie(),
            definitions: Arc::as_ptr(&visit.app.db.policies()).addr(),
        }
    }
}

impl Piece {
    /// About how long it is when it is put in.
    fn bytes(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            _ => 64,
        }
    }
}

impl Copies {
    /// The page, if it was drawn just now, or somebody draws it anew. Whoever gets none is the one who draws it.
    pub(crate) fn find(&self, key: &Key, visit: &Visit) -> Option<Response> {
        let pieces = self.kept(key, Instant::now())?;
        Some(answer(put_together(&pieces, visit)))
    }

    /// The page as it was a little while ago, for whoever has no place to draw it.
    pub(crate) fn old(&self, key: &Key, visit: &Visit) -> Option<Response> {
        let pieces = {
            let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let drawn = kept.get(key)?;
            (drawn.at.elapsed() < OLD).then(|| Arc::clone(&drawn.pieces))?
        };
        Some(answer(put_together(&pieces, visit)))
    }

    /// A page that is the same wherever it is shown, but for the path that was asked for.
    pub(crate) fn anywhere(
        &self,
        name: &'static str,
        visit: &Visit,
        draw: impl FnOnce(&Visit) -> Markup,
    ) -> Response {
        let mut there = visit.clone();
        ANYWHERE.clone_into(&mut there.path);
        let key = Key { path: name.to_owned(), ..Key::new(&there) };
        if let Some(pieces) = self.kept(&key, Instant::now()) {
            return answer(put_together(&pieces, visit));
        }
        let page = draw(&there).into_string();
        let Some(pieces) = taken_apart(&page, &there) else { return answer(page) };
        let pieces: Arc<[Piece]> = pieces.into();
        self.hold(key, Arc::clone(&pieces));
        answer(put_together(&pieces, visit))
    }

    fn kept(&self, key: &Key, now: Instant) -> Option<Arc<[Piece]>> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let drawn = kept.get_mut(key)?;
        let age = now.saturating_duration_since(drawn.at);
        let under_way =
            drawn.anew.is_some_and(|since| now.saturating_duration_since(since) < DRAWING);
        if age < FRESH || (age < OLD && under_way) {
            return Some(Arc::clone(&drawn.pieces));
        }
        drawn.anew = Some(now);
        None
    }

    fn hold(&self, key: Key, pieces: Arc<[Piece]>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= PAGES_MAX {
            kept.retain(|_, drawn| drawn.at.elapsed() < FRESH);
        }
        if kept.len() < PAGES_MAX {
            kept.insert(key, Drawn { at: Instant::now(), pieces, anew: None });
        }
    }

    /// Keeps the page if it says that it may be, and gives it on.
    pub(crate) async fn keep(&self, key: Key, visit: &Visit, response: Response) -> Response {
        let may = response.extensions().get::<Same>().is_some()
            && response.status() == StatusCode::OK
            && !response.headers().contains_key(header::SET_COOKIE);
        if !may {
            return response;
        }
        let (parts, body) = response.into_parts();
        let Ok(bytes) = axum::body::to_bytes(body, usize::MAX).await else {
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        };
        if let Some(pieces) = str::from_utf8(&bytes).ok().and_then(|page| taken_apart(page, visit))
        {
            self.hold(key, pieces.into());
        }
        Response::from_parts(parts, bytes.into())
    }
}

fn answer(page: String) -> Response {
    ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], page).into_response()
}

/// The page without what belongs to this answer alone; none if it has a form of its own or is too long.
fn taken_apart(page: &str, visit: &Visit) -> Option<Vec<Piece>> {
    if page.len() > PAGE_BYTES_MAX || page.contains(OWN_FORM) {
        return None;
    }
    let form = page.split_once(FORM).and_then(|(_, rest)| Some(rest.split_once('"')?.0));
    let mut holes =
        vec![(visit.nonce.as_str(), Piece::Nonce), (visit.request.as_str(), Piece::Request)];
    if visit.path == ANYWHERE {
        holes.extend([(ANYWHERE_ENCODED, Piece::PathEncoded), (ANYWHERE, Piece::Path)]);
    }
    holes.extend(form.map(|token| (token, Piece::Form)));
    let mut pieces = vec![Piece::Text(page.to_owned())];
    for (words, hole) in holes.into_iter().filter(|(words, _)| !words.is_empty()) {
        pieces = pieces.into_iter().flat_map(|piece| cut(piece, words, &hole)).collect();
    }
    Some(pieces)
}

/// A text with a hole wherever the words stood.
fn cut(piece: Piece, words: &str, hole: &Piece) -> Vec<Piece> {
    let Piece::Text(text) = piece else { return vec![piece] };
    let mut cut = Vec::new();
    for (at, part) in text.split(words).enumerate() {
        if at > 0 {
            cut.push(hole.clone());
        }
        cut.push(Piece::Text(part.to_owned()));
    }
    cut
}

fn put_together(pieces: &[Piece], visit: &Visit) -> String {
    let form = visit.new_form_token();
    let path = html! { (visit.path) }.into_string();
    let encoded = encode(&visit.path);
    let mut page = String::with_capacity(pieces.iter().map(Piece::bytes).sum());
    for piece in pieces {
        page.push_str(match piece {
            Piece::Text(text) => text,
            Piece::Nonce => &visit.nonce,
            Piece::Request => &visit.request,
            Piece::Form => &form,
            Piece::Path => &path,
            Piece::PathEncoded => &encoded,
        });
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_at_every_place_of_the_words() {
        let cut = cut(Piece::Text("a-N-b-N".to_owned()), "N", &Piece::Nonce);
        let text = |text: &str| Piece::Text(text.to_owned());
        assert_eq!(cut, [text("a-"), Piece::Nonce, text("-b-"), Piece::Nonce, text("")]);
    }

    #[test]
    fn a_crowd_at_an_old_page_has_it_drawn_by_one() {
        let copies = Copies::default();
        let key = || Key { path: "/hall".to_owned(), preferences: String::new(), definitions: 0 };
        copies.hold(key(), Arc::from([Piece::Text("a".to_owned())]));
        let drawn = Instant::now();
        let at = |ms| copies.kept(&key(), drawn + Duration::from_millis(ms)).is_some();
        assert!(at(900), "fresh");
        assert!(!at(1_100), "one draws it");
        assert!((1_101..1_200).all(at), "the others are shown what there is");
        assert!(!at(4_200), "who did not come back is not waited for");
        assert!(at(4_300) && !at(61_000), "and nothing is shown for ever");
        copies.hold(key(), Arc::from([Piece::Text("b".to_owned())]));
        let page = copies.kept(&key(), Instant::now()).unwrap();
        assert_eq!(page.first(), Some(&Piece::Text("b".to_owned())));
    }
}
