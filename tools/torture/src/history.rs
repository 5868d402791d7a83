//! What clients asked for and what they were told: kept outside of the city, on disk before anything goes on.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;
use serde::Serialize;
use zhengtong_walk::course::Told;

use crate::report::Tally;

/// One act of one client.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Line {
    /// The seed of the round.
    pub(crate) seed: u64,
    /// Which client.
    pub(crate) client: u64,
    /// What was asked for, such as `submit`.
    pub(crate) op: &'static str,
    /// About what: a draft, a case.
    pub(crate) thing: String,
    /// More of it, such as an outcome.
    pub(crate) detail: String,
    /// When it was asked, in microseconds.
    pub(crate) t0: u64,
    /// When the answer came.
    pub(crate) t1: u64,
    /// `ok`, `fail` or `unknown`.
    pub(crate) result: &'static str,
    /// What was given, such as the number of a case.
    pub(crate) value: String,
    /// The id of the request that was answered.
    pub(crate) request: String,
    /// Why it failed, or why nobody knows.
    pub(crate) why: String,
}

/// All lines of a run.
#[derive(Debug)]
pub(crate) struct History {
    file: Mutex<File>,
    lines: Mutex<Vec<Line>>,
    tally: Arc<Tally>,
}

impl History {
    /// A history that is written to a file.
    pub(crate) fn to(path: &Path, tally: Arc<Tally>) -> Result<Self> {
        Ok(Self { file: Mutex::new(File::create(path)?), lines: Mutex::default(), tally })
    }

    /// Adds a line and brings it to disk.
    pub(crate) fn add(&self, line: Line) -> Result<()> {
        let mut text = serde_json::to_string(&line)?;
        text.push('\n');
        {
            let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
            file.write_all(text.as_bytes())?;
            file.sync_data()?;
        }
        self.tally.count(line.result);
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).push(line);
        Ok(())
    }

    /// Every line so far.
    pub(crate) fn lines(&self) -> Vec<Line> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Line {
    /// A line with what was told.
    pub(crate) fn told<T>(mut self, told: &Told<T>, value: impl Fn(&T) -> String) -> Self {
        self.result = told.word();
        match told {
            Told::Done(given, request) => {
                self.value = value(given);
                self.request.clone_from(request);
            }
            Told::Refused(status, why) => self.why = format!("{status} {why}"),
            Told::Unknown(why) => self.why.clone_from(why),
        }
        self
    }
}
