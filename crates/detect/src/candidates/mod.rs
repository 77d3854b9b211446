//! Which rules may match an event at all, found without judging each.
//!
//! Most rules can only be true of events in which some text stands: one of a few names of programs, a part of a command line.
//! [`needs`] takes from a rule's condition what it cannot do without. [`Candidates`] holds that of all rules of a logsource and
//! looks for all of it at once, in one pass over each field; the rules of what was found are judged, and the others cannot match.
//! Rules of which nothing can be said are always judged. What is found is the same with and without: a text that is needed and
//! missing makes the rule false, and nothing is taken for needed that is not.
//!
//! The automaton is that of Aho and Corasick, "Efficient string matching: an aid to bibliographic search" (1975), with
//! overlapping matches, since one text may stand in another.

mod index;
mod needs;

pub(crate) use index::{Candidates, Marks};
