//! A style sheet as far as its rules care: selectors, names, addresses, with their lines.
//!
//! The tokens are those of `cssparser`, the reader of the Servo browser, which is
//! in our tree already; what is kept of them is decided here.

use cssparser::{Delimiter, ParseError, Parser, Token};

/// Style sheets that people write are not nested deeper; what is would overflow the stack.
const DEEPEST: usize = 32;

/// At-rules that hold further rules.
const GROUPS: &[&str] = &["media", "supports", "layer", "container"];

/// One style sheet.
#[derive(Debug, Default)]
pub struct Sheet {
    /// Its path in the archive.
    pub path: String,
    /// Its rules, those inside `@media` and the like too.
    pub rules: Vec<Rule>,
    /// Names of `@keyframes`.
    pub animations: Vec<(String, usize)>,
    /// Everything it loads.
    pub addresses: Vec<(String, usize)>,
    /// The first line that is no CSS.
    pub broken: Option<usize>,
    /// How many blocks the reader is in.
    depth: usize,
}

/// `selectors { declarations }`
#[derive(Debug, Default)]
pub struct Rule {
    /// The selectors of the list.
    pub selectors: Vec<Selector>,
    /// Custom properties that are set, with their lines.
    pub properties: Vec<(String, usize)>,
    /// Whether nothing else is set.
    pub sets_properties_only: bool,
}

/// One selector of a list.
#[derive(Debug, Default)]
pub struct Selector {
    /// As written.
    pub text: String,
    /// From 1.
    pub line: usize,
    elements: Vec<Compound>,
}

/// What a selector says of one element: `a.b#c[d]:e`.
#[derive(Debug, Default)]
pub struct Compound {
    /// Classes and ids.
    pub names: Vec<String>,
    /// Whether it is the page's own root: `:root` or `html`.
    is_page: bool,
    /// Whether anything was said at all.
    is_filled: bool,
    /// The mark before it: a space, `>`, `+`, `~`.
    joined_by: char,
}

impl Selector {
    /// The elements it goes through, from the outermost, after the mark of a colour scheme as in
    /// `:root[data-color-scheme="dark"] .accord-widget`.
    pub fn elements(&self) -> impl Iterator<Item = &Compound> {
        self.elements.iter().filter(|element| !element.is_page)
    }

    /// Whether it is the page's root and nothing below.
    pub fn is_page(&self) -> bool {
        !self.elements.is_empty() && self.elements().next().is_none()
    }

    /// Whether it goes on from the first element that is the widget's to one beside it that is
    /// not, instead of to its inside.
    pub fn leaves_the_root(&self, is_own: impl Fn(&Compound) -> bool) -> bool {
        let mut after = self
            .elements()
            .skip_while(|element| !is_own(element))
            .skip(1);
        after
            .next()
            .is_some_and(|element| matches!(element.joined_by, '+' | '~') && !is_own(element))
    }
}

impl Sheet {
    /// Reads a whole text.
    pub fn read(path: &str, text: &str) -> Self {
        let mut sheet = Self {
            path: path.to_owned(),
            ..Self::default()
        };
        sheet.rules(&mut Parser::new(text));
        sheet
    }

    /// Rules one after the other: of the sheet, or of an `@media`.
    fn rules(&mut self, parser: &mut Parser) {
        loop {
            parser.skip_whitespace();
            let line = line_of(parser);
            let start = parser.state();
            match parser.next().cloned() {
                Err(_) => return,
                Ok(Token::CloseCurlyBracket) => drop(self.broken.get_or_insert(line)),
                Ok(Token::AtKeyword(name)) => self.at_rule(&name.to_ascii_lowercase(), parser),
                Ok(Token::CDO | Token::CDC | Token::Semicolon) => {}
                Ok(_) => {
                    parser.reset(&start);
                    self.style_rule(parser);
                }
            }
        }
    }

    fn at_rule(&mut self, name: &str, parser: &mut Parser) {
        // `@namespace svg url(http://…)` names a vocabulary and loads nothing.
        let loads = name != "namespace";
        loop {
            let line = line_of(parser);
            let Ok(token) = parser.next().cloned() else {
                return;
            };
            match &token {
                Token::Semicolon => return,
                Token::CurlyBracketBlock if GROUPS.contains(&name) => {
                    return self.deeper(parser, Self::rules);
                }
                Token::CurlyBracketBlock if name.ends_with("keyframes") => return,
                Token::CurlyBracketBlock => {
                    return self.deeper(parser, |sheet, block| drop(sheet.declarations(block)));
                }
                Token::Ident(own) if name.ends_with("keyframes") => {
                    self.animations.push((own.to_string(), line))
                }
                Token::QuotedString(address) if name == "import" => {
                    self.addresses.push((address.to_string(), line))
                }
                _ if loads => self.address(&token, line, parser),
                _ => {}
            }
        }
    }

    /// Goes into a block, unless there are too many around it already.
    fn deeper(&mut self, parser: &mut Parser, read: impl FnOnce(&mut Self, &mut Parser)) {
        if self.depth == DEEPEST {
            self.broken.get_or_insert(line_of(parser));
            return;
        }
        self.depth += 1;
        inside(parser, |block| read(self, block));
        self.depth -= 1;
    }

    fn style_rule(&mut self, parser: &mut Parser) {
        let line = line_of(parser);
        let mut selectors = Vec::new();
        let _ = parser.parse_until_before(
            Delimiter::CurlyBracketBlock,
            |prelude| -> Result<(), ParseError<()>> {
                while !prelude.is_exhausted() {
                    selectors.push(self.selector(prelude));
                }
                Ok(())
            },
        );
        if parser.expect_curly_bracket_block().is_err() {
            self.broken.get_or_insert(line);
            return;
        }
        self.deeper(parser, |sheet, block| {
            let rule = sheet.declarations(block);
            sheet.rules.push(Rule { selectors, ..rule });
        });
    }

    /// One selector, with the comma after it.
    fn selector(&mut self, parser: &mut Parser) -> Selector {
        parser.skip_whitespace();
        let mut selector = Selector {
            line: line_of(parser),
            ..Selector::default()
        };
        let start = parser.position();
        let mut element = Compound {
            joined_by: ' ',
            ..Compound::default()
        };
        let mut end = parser.position();
        while let Ok(token) = parser.next_including_whitespace().cloned() {
            match token {
                Token::Comma => break,
                Token::WhiteSpace(_) => element = selector.go_on(element, ' '),
                Token::Delim(mark @ ('>' | '+' | '~')) => element = selector.go_on(element, mark),
                Token::BadString(_) | Token::BadUrl(_) | Token::CloseCurlyBracket => {
                    self.broken.get_or_insert(line_of(parser));
                }
                token => element.say(&token, parser),
            }
            end = parser.position();
        }
        selector.go_on(element, ' ');
        selector.text = parser
            .slice(start..end)
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        selector
    }

    /// The inside of a rule; rules nested in it can only reach what the outer one reaches.
    fn declarations(&mut self, parser: &mut Parser) -> Rule {
        let mut rule = Rule {
            sets_properties_only: true,
            ..Rule::default()
        };
        let mut begins = true;
        loop {
            parser.skip_whitespace();
            let line = line_of(parser);
            let Ok(token) = parser.next().cloned() else {
                return rule;
            };
            match &token {
                Token::Ident(name) if begins && name.starts_with("--") => {
                    rule.properties.push((name.to_string(), line))
                }
                Token::CurlyBracketBlock => {
                    rule.sets_properties_only = false;
                    self.deeper(parser, |sheet, block| {
                        rule.properties.extend(sheet.declarations(block).properties);
                    });
                }
                Token::BadString(_) | Token::BadUrl(_) | Token::CloseCurlyBracket => {
                    self.broken.get_or_insert(line);
                }
                Token::Semicolon => {}
                _ if begins => rule.sets_properties_only = false,
                _ => self.address(&token, line, parser),
            }
            begins = matches!(token, Token::Semicolon | Token::CurlyBracketBlock);
        }
    }

    /// Notes what a value loads: `url(x)`, `url("x")`, also inside other functions.
    fn address(&mut self, token: &Token, line: usize, parser: &mut Parser) {
        match token {
            Token::UnquotedUrl(address) => self.addresses.push((address.to_string(), line)),
            Token::Function(name) => {
                let is_url = name.eq_ignore_ascii_case("url");
                self.deeper(parser, |sheet, arguments| {
                    while let Ok(token) = arguments.next().cloned() {
                        match &token {
                            Token::QuotedString(address) if is_url => {
                                sheet.addresses.push((address.to_string(), line));
                            }
                            _ => sheet.address(&token, line, arguments),
                        }
                    }
                });
            }
            _ => {}
        }
    }
}

impl Selector {
    /// Ends one element and begins the next one.
    fn go_on(&mut self, element: Compound, mark: char) -> Compound {
        if !element.is_filled {
            // `a > b`: the space before the mark has ended the element already.
            let joined_by = if mark == ' ' { element.joined_by } else { mark };
            return Compound {
                joined_by,
                ..Compound::default()
            };
        }
        self.elements.push(element);
        Compound {
            joined_by: mark,
            ..Compound::default()
        }
    }
}

impl Compound {
    fn say(&mut self, token: &Token, parser: &mut Parser) {
        self.is_filled = true;
        match token {
            Token::IDHash(name) | Token::Hash(name) => self.names.push(name.to_string()),
            Token::Ident(name) => self.is_page |= name.eq_ignore_ascii_case("html"),
            Token::Delim('.') => self
                .names
                .extend(parser.expect_ident().map(|name| name.to_string())),
            Token::Colon => {
                let start = parser.state();
                match parser.next_including_whitespace() {
                    Ok(Token::Ident(name)) => self.is_page |= name.eq_ignore_ascii_case("root"),
                    _ => parser.reset(&start),
                }
            }
            _ => {}
        }
    }
}

/// Goes into the block whose opening was just read.
fn inside(parser: &mut Parser, read: impl FnOnce(&mut Parser)) {
    let _ = parser.parse_nested_block(|block| -> Result<(), ParseError<()>> {
        read(block);
        Ok(())
    });
}

fn line_of(parser: &Parser) -> usize {
    parser.current_source_location().line as usize + 1
}
