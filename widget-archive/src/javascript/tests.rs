//! How scripts become tokens, and how one finds one's way among them.

use super::*;

fn words(text: &str) -> Vec<(Kind, &str)> {
    let script = Script::read(text);
    assert_eq!(script.fault, None, "{text}");
    script
        .tokens
        .iter()
        .map(|token| (token.kind, token.text))
        .filter(|(kind, _)| *kind != Kind::Mark)
        .collect()
}

#[test]
fn comments_are_not_read_and_texts_are_one_token() {
    let text = "a('// b', \"it's\") // alert()\n/* eval() \n */ c";
    assert_eq!(
        words(text),
        [
            (Kind::Word, "a"),
            (Kind::Text, "// b"),
            (Kind::Text, "it's"),
            (Kind::Word, "c")
        ]
    );
    assert_eq!(Script::read(text).line(6), 3);
}

#[test]
fn a_slash_divides_or_begins_a_pattern() {
    assert_eq!(
        words("x / y / z"),
        [(Kind::Word, "x"), (Kind::Word, "y"), (Kind::Word, "z")]
    );
    assert_eq!(
        words("x = /[/'\"]\\//g.test"),
        [
            (Kind::Word, "x"),
            (Kind::Pattern, "/[/'\"]\\//g"),
            (Kind::Word, "test")
        ]
    );
    assert_eq!(words("if (a) /'/.b").len(), 4);
    assert_eq!(words("if (a) { b } /'/.c").len(), 5);
    assert_eq!(words("x = { a } / b / c").len(), 4);
    assert_eq!(words("a++ / b / c--").len(), 3);
    assert_eq!(words("a.of / b / c").len(), 4);
    assert_eq!(words("f(a) / b / c").len(), 4);
    assert_eq!(
        words("return /'/"),
        [(Kind::Word, "return"), (Kind::Pattern, "/'/")]
    );
}

#[test]
fn substitutions_of_a_template_are_code() {
    let script = Script::read("`a${ b({ c: `d` }) }e`;\nf");
    assert_eq!(script.fault, None);
    let texts: Vec<&str> = script
        .positions()
        .filter_map(|at| script.string(at))
        .collect();
    assert_eq!(texts, ["a", "d", "e"]);
    let last = script.positions().last().unwrap();
    assert_eq!(
        (
            script.word(last),
            script.line(last),
            script.around(last).count()
        ),
        (Some("f"), 2, 0)
    );
}

#[test]
fn brackets_know_each_other() {
    let script = Script::read("f(a, [b, c])");
    assert_eq!(script.partner(1), Some(9));
    assert_eq!(script.around(5).collect::<Vec<_>>(), [4, 1]);
    assert_eq!(script.directly_in(4).collect::<Vec<_>>(), [5, 6, 7]);
    assert_eq!(script.directly_in(1).collect::<Vec<_>>(), [2, 3, 4]);
}

#[test]
fn chains_have_two_ends() {
    let script = Script::read("x = a.b(c)[d].e; return (f)(g)");
    assert_eq!((script.chain_start(8), script.chain_end(2)), (2, 12));
    assert_eq!((script.chain_start(12), script.chain_end(15)), (2, 20));
    assert_eq!(script.chain_start(18), 15);
}

#[test]
fn what_does_not_add_up_is_named_with_its_line() {
    for (text, line) in [
        ("a\n'b\n'", 2),
        ("(\n]", 2),
        ("\n{", 2),
        ("`", 1),
        ("/* a", 1),
        ("a)", 1),
        ("x = /a\n/", 1),
    ] {
        assert_eq!(
            Script::read(text).fault.map(|(line, _)| line),
            Some(line),
            "{text}"
        );
    }
}
