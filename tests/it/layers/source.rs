//! A source file as its tokens: what it imports from the crate, and its code without comments, literals and tests.

use std::path::Path;

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

/// A file of `src`.
pub struct Source {
    /// Its path below `src`.
    pub file: String,
    code: TokenStream,
}

/// Every file of `src` but those that hold tests only.
pub fn sources() -> Vec<Source> {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src"));
    let mut found = Vec::new();
    read(root, root, &mut found);
    found
}

fn read(root: &Path, folder: &Path, found: &mut Vec<Source>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.file_stem().is_some_and(|name| name == "tests") {
            continue;
        }
        if path.is_dir() {
            read(root, &path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            let file = path.strip_prefix(root).unwrap().display().to_string();
            found.push(Source::new(&file, &std::fs::read_to_string(&path).unwrap()));
        }
    }
}

impl Source {
    pub fn new(file: &str, text: &str) -> Self {
        let file = file.to_owned();
        let code = text.parse().unwrap_or_else(|e| panic!("{file}: {e}"));
        Self { file, code }
    }

    /// The crate's module that the file belongs to.
    pub fn module(&self) -> &str {
        self.file.split(['/', '.']).next().unwrap()
    }

    /// The modules of the crate that are named in it, with the line; `self` and `*` are the crate as a whole.
    pub fn imports(&self) -> Vec<(usize, String)> {
        let path = self.file.trim_end_matches(".rs").trim_end_matches("/mod");
        let mut found = Vec::new();
        imports(self.code.clone(), path.split('/').count(), &mut found);
        found
    }

    /// Each line's code, a space only where words would run together.
    pub fn lines(&self) -> Vec<(usize, String)> {
        let mut lines = Vec::new();
        write(self.code.clone(), &mut lines);
        lines
    }
}

/// Finds the paths out of a module that lies `depth` modules below the crate's root.
fn imports(code: TokenStream, depth: usize, found: &mut Vec<(usize, String)>) {
    let code = without_tests(code);
    let mut rest = &code[..];
    while let [token, after @ ..] = rest {
        let (up, path) = climb(rest, depth);
        rest = after;
        match (up, token) {
            (0, TokenTree::Group(group)) => imports(group.stream(), depth, found),
            (0, TokenTree::Ident(word)) if *word == "mod" => {
                if let [_, TokenTree::Group(body), after @ ..] = after {
                    imports(body.stream(), depth + 1, found);
                    rest = after;
                }
            }
            (0, _) => {}
            (up, _) if up == depth => {
                names(path, found);
                rest = path;
            }
            (up, _) => {
                if let [TokenTree::Group(tree), after @ ..] = path {
                    imports(tree.stream(), depth - up, found);
                    rest = after;
                } else {
                    rest = path;
                }
            }
        }
    }
}

/// How many modules a path climbs from here, and what is left of it: `crate::` all, each `super::` one.
fn climb(mut path: &[TokenTree], depth: usize) -> (usize, &[TokenTree]) {
    let mut up = 0;
    while let [
        TokenTree::Ident(word),
        TokenTree::Punct(a),
        TokenTree::Punct(b),
        rest @ ..,
    ] = path
        && a.as_char() == ':'
        && b.as_char() == ':'
    {
        match word.to_string().as_str() {
            "crate" => up = depth,
            "super" => up += 1,
            _ => break,
        }
        path = rest;
    }
    (up, path)
}

/// The first names of what follows `crate::`, one or a list.
fn names(path: &[TokenTree], found: &mut Vec<(usize, String)>) {
    match path.first() {
        Some(TokenTree::Group(list)) if list.delimiter() == Delimiter::Brace => {
            let list: Vec<TokenTree> = list.stream().into_iter().collect();
            for path in list.split(|token| is(token, ',')) {
                names(path, found);
            }
        }
        Some(name) => found.push((name.span().start().line, name.to_string())),
        None => {}
    }
}

fn is(token: &TokenTree, sign: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == sign)
}

/// Leaves out what is compiled for tests only.
fn without_tests(code: TokenStream) -> Vec<TokenTree> {
    let mut kept: Vec<TokenTree> = Vec::new();
    let mut code = code.into_iter();
    while let Some(token) = code.next() {
        match token {
            TokenTree::Group(group)
                if is_for_tests(&group) && kept.last().is_some_and(|t| is(t, '#')) =>
            {
                kept.pop();
                // To the end of the item: its body, or a semicolon.
                code.find(|token| {
                    matches!(token, TokenTree::Group(body) if body.delimiter() == Delimiter::Brace)
                        || is(token, ';')
                });
            }
            token => kept.push(token),
        }
    }
    kept
}

fn is_for_tests(attribute: &Group) -> bool {
    let words = attribute.stream().to_string();
    attribute.delimiter() == Delimiter::Bracket && words.replace(' ', "") == "cfg(test)"
}

fn write(code: TokenStream, lines: &mut Vec<(usize, String)>) {
    for token in without_tests(code) {
        let line = token.span().start().line;
        match &token {
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Brace => ("{", "}"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::None => ("", ""),
                };
                add(line, open, lines);
                write(group.stream(), lines);
                add(group.span_close().start().line, close, lines);
            }
            TokenTree::Literal(_) => add(line, "\"\"", lines),
            token => add(line, &token.to_string(), lines),
        }
    }
}

fn add(line: usize, word: &str, lines: &mut Vec<(usize, String)>) {
    match lines.last_mut() {
        Some((last, code)) if *last == line => {
            let apart =
                code.ends_with(char::is_alphanumeric) && word.starts_with(char::is_alphanumeric);
            code.push_str(if apart { " " } else { "" });
            code.push_str(word);
        }
        _ => lines.push((line, word.to_owned())),
    }
}
