//! The rules of [`crate::words`] in the form that tantivy asks for.

use tantivy::tokenizer::{Token, TokenStream, Tokenizer, TokenizerManager};

use crate::words::{self, Words};

/// The name of the tokenizer for free text.
pub(crate) const WORDS: &str = "vigie_words";
/// The name of the tokenizer for short texts that are compared whole.
pub(crate) const KEYWORD: &str = "vigie_keyword";

/// Returns the tokenizers that the columns are indexed with.
pub(crate) fn manager() -> TokenizerManager {
    let manager = TokenizerManager::default();
    manager.register(WORDS, WordTokenizer::default());
    manager.register(KEYWORD, KeywordTokenizer::default());
    manager
}

#[derive(Clone, Default)]
struct WordTokenizer {
    token: Token,
}

struct WordStream<'a> {
    words: Words<'a>,
    token: &'a mut Token,
}

impl Tokenizer for WordTokenizer {
    type TokenStream<'a> = WordStream<'a>;
    fn token_stream<'a>(&'a mut self, text: &'a str) -> WordStream<'a> {
        self.token.reset();
        WordStream { words: Words::of(text), token: &mut self.token }
    }
}

impl TokenStream for WordStream<'_> {
    fn advance(&mut self) -> bool {
        let Some((from, to)) = self.words.next_into(&mut self.token.text) else { return false };
        self.token.offset_from = from;
        self.token.offset_to = to;
        // A fresh token stands at `usize::MAX`, so that the first one lands on 0.
        self.token.position = self.token.position.wrapping_add(1);
        true
    }

    fn token(&self) -> &Token {
        self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        self.token
    }
}

#[derive(Clone, Default)]
struct KeywordTokenizer {
    token: Token,
}

struct KeywordStream<'a> {
    token: &'a mut Token,
    done: bool,
}

impl Tokenizer for KeywordTokenizer {
    type TokenStream<'a> = KeywordStream<'a>;
    fn token_stream<'a>(&'a mut self, text: &'a str) -> KeywordStream<'a> {
        self.token.reset();
        self.token.position = 0;
        self.token.text.push_str(words::clip(text));
        self.token.text.make_ascii_lowercase();
        self.token.offset_to = self.token.text.len();
        KeywordStream { token: &mut self.token, done: false }
    }
}

impl TokenStream for KeywordStream<'_> {
    fn advance(&mut self) -> bool {
        !std::mem::replace(&mut self.done, true)
    }

    fn token(&self) -> &Token {
        self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        self.token
    }
}
