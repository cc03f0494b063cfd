//! A reader of EDN, as far as histories need it: maps, vectors, lists, keywords, symbols, texts, whole numbers, tags.
//!
//! The crates for EDN are unkept, under another kind of licence, or without limits for hostile input.

use super::history::invalid;
use crate::error::SimError;
use crate::limits::MAX_HISTORY_DEPTH;

/// One form of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Nil,
    Bool(bool),
    /// A whole number, or what only looks like one to a person: a fraction, an infinity, not a number.
    Number(Option<i64>),
    Text(String),
    /// Without its colon.
    Keyword(String),
    Symbol(String),
    /// A vector or a list.
    Sequence(Vec<Form>),
    Map(Vec<(Form, Form)>),
}

impl Form {
    /// The value of a keyword in a map.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        let Self::Map(pairs) = self else { return None };
        pairs.iter().find(|(known, _)| matches!(known, Self::Keyword(name) if name == key)).map(|(_, value)| value)
    }
}

/// Reads one form after the other.
pub(super) struct Reader<'a> {
    rest: &'a str,
    /// Lines before the rest.
    line: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { rest: text, line: 0 }
    }

    /// The line that comes next, counted from 0.
    pub(super) fn line(&mut self) -> usize {
        self.skip_space();
        self.line
    }

    /// The next form of the file; `None` at its end.
    pub(super) fn next(&mut self) -> Result<Option<Form>, SimError> {
        self.skip_space();
        if self.rest.is_empty() { Ok(None) } else { self.form(0).map(Some) }
    }

    /// Enters the vector that the whole file may be. The forms inside are then read by [`Reader::next_inside`].
    pub(super) fn enter(&mut self) -> bool {
        self.skip_space();
        let is_vector = self.rest.starts_with(['[', '(']);
        if is_vector {
            self.advance(1);
        }
        is_vector
    }

    /// The next form of the vector that the whole file is; `None` at its end, after which nothing may come.
    pub(super) fn next_inside(&mut self) -> Result<Option<Form>, SimError> {
        self.skip_space();
        if !self.rest.starts_with([']', ')']) {
            return self.form(1).map(Some);
        }
        self.advance(1);
        self.skip_space();
        if self.rest.is_empty() { Ok(None) } else { Err(invalid("nothing may follow the vector")) }
    }

    fn form(&mut self, depth: usize) -> Result<Form, SimError> {
        if depth > MAX_HISTORY_DEPTH {
            return Err(invalid(format!("nested more than {MAX_HISTORY_DEPTH} deep")));
        }
        self.skip_space();
        match self.rest.chars().next() {
            None => Err(invalid("the file ends in the middle of a form")),
            Some('[') => self.sequence(']', depth).map(Form::Sequence),
            Some('(') => self.sequence(')', depth).map(Form::Sequence),
            Some('{') => {
                let items = self.sequence('}', depth)?;
                if items.len() % 2 == 1 {
                    return Err(invalid("a map needs a value for each key"));
                }
                let mut items = items.into_iter();
                Ok(Form::Map(std::iter::from_fn(|| items.next().zip(items.next())).collect()))
            }
            Some('"') => self.text().map(Form::Text),
            Some('#') => self.dispatch(depth),
            Some(other @ (']' | ')' | '}')) => Err(invalid(format!("a {other} that closes nothing"))),
            Some('\\' | '\'' | '`' | '^' | '@') => Err(invalid("characters and quotes have no place in a history")),
            Some(_) => Ok(self.atom()),
        }
    }

    fn sequence(&mut self, end: char, depth: usize) -> Result<Vec<Form>, SimError> {
        self.advance(1);
        let mut items = Vec::new();
        loop {
            self.skip_space();
            if self.rest.starts_with(end) {
                self.advance(1);
                return Ok(items);
            }
            items.push(self.form(depth + 1)?);
        }
    }

    /// `#tag form` is the form, `#_ form` is nothing, `#{…}` is a sequence, `##Inf` is a number.
    fn dispatch(&mut self, depth: usize) -> Result<Form, SimError> {
        self.advance(1);
        if self.rest.starts_with('{') {
            return self.sequence('}', depth).map(Form::Sequence);
        }
        if self.rest.starts_with('#') {
            self.advance(1);
            self.atom();
            return Ok(Form::Number(None));
        }
        if self.rest.starts_with('_') {
            self.advance(1);
            self.form(depth + 1)?;
        } else {
            self.atom();
        }
        self.form(depth + 1)
    }

    fn text(&mut self) -> Result<String, SimError> {
        let mut out = String::new();
        let mut chars = self.rest.char_indices().skip(1);
        while let Some((at, char)) = chars.next() {
            match char {
                '"' => {
                    self.advance(at + 1);
                    return Ok(out);
                }
                '\\' => out.push(match chars.next() {
                    Some((_, 'n')) => '\n',
                    Some((_, 't')) => '\t',
                    Some((_, 'r')) => '\r',
                    Some((_, 'b')) => '\u{8}',
                    Some((_, 'f')) => '\u{c}',
                    Some((_, plain @ ('"' | '\\' | '/'))) => plain,
                    Some((_, 'u')) => {
                        let digits: String = chars.by_ref().take(4).map(|(_, digit)| digit).collect();
                        let code = u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32);
                        code.ok_or_else(|| invalid(format!("\\u{digits} is no character")))?
                    }
                    _ => return Err(invalid("a backslash that escapes nothing")),
                }),
                other => out.push(other),
            }
        }
        Err(invalid("the file ends in the middle of a text"))
    }

    fn atom(&mut self) -> Form {
        let is_end =
            |char: char| char.is_whitespace() || matches!(char, ',' | ';' | '"' | '[' | ']' | '(' | ')' | '{' | '}');
        let length = self.rest.find(is_end).unwrap_or(self.rest.len());
        let word = &self.rest[..length];
        self.advance(length);
        match word {
            "nil" => Form::Nil,
            "true" => Form::Bool(true),
            "false" => Form::Bool(false),
            _ => {
                let digits = word.strip_prefix(['-', '+']).unwrap_or(word);
                if digits.starts_with(|char: char| char.is_ascii_digit()) {
                    Form::Number(word.strip_suffix('N').unwrap_or(word).parse().ok())
                } else if let Some(name) = word.strip_prefix(':') {
                    Form::Keyword(name.into())
                } else {
                    Form::Symbol(word.into())
                }
            }
        }
    }

    /// Passes over spaces, commas and comments.
    fn skip_space(&mut self) {
        loop {
            let space = self.rest.find(|char: char| !char.is_whitespace() && char != ',');
            self.advance(space.unwrap_or(self.rest.len()));
            if !self.rest.starts_with(';') {
                return;
            }
            self.advance(self.rest.find('\n').unwrap_or(self.rest.len()));
        }
    }

    fn advance(&mut self, bytes: usize) {
        let (passed, rest) = self.rest.split_at(bytes);
        self.line += passed.bytes().filter(|byte| *byte == b'\n').count();
        self.rest = rest;
    }
}
