//! Progress of a scan: a bar on a terminal, lines otherwise.

use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressStyle};

use super::Talk;
use crate::aws::run::Event;

/// Shows what a scan does.
pub struct Progress<'a> {
    talk: &'a Talk,
    bar: ProgressBar,
}

impl<'a> Progress<'a> {
    /// The bar is hidden when standard error is no terminal or quiet was asked for.
    #[must_use]
    pub fn new(talk: &'a Talk) -> Self {
        let bar = if talk.is_quiet() || !std::io::stderr().is_terminal() { ProgressBar::hidden() } else { ProgressBar::no_length() };
        Progress { talk, bar }
    }

    /// Shows one event.
    pub fn show(&self, event: Event) {
        match event {
            Event::Identified { account, caller } => self.talk.say(&format!("reading account {account} as {caller}")),
            Event::Looking { regions } => self.talk.say(&format!("looking into {regions} more regions; --region names those to read")),
            Event::Planned { tasks, regions } => {
                self.talk.say(&format!("{tasks} listings over {}", regions.join(", ")));
                self.bar.set_length(tasks as u64);
                if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} {msg}") {
                    self.bar.set_style(style);
                }
            }
            Event::Finished { collector, region, .. } => {
                self.bar.inc(1);
                self.bar.set_message(format!("{collector} {region}"));
            }
            Event::Warning(text) => self.bar.suspend(|| self.talk.warn(&text)),
        }
    }

    /// Takes the bar away.
    pub fn done(&self) {
        self.bar.finish_and_clear();
    }
}
