/**
 * What a version of the Policy changed: in short, for notices and above a form,
 * and clause by clause, for the control panel. The service compares; this draws.
 * Where the comparison cannot be read, its own page is a link away.
 */
define(['./dom.js'], function (dom) {
  'use strict';

  const { el } = dom;

  // A first look takes so many clauses; the others open on demand.
  const AT_ONCE = 8;

  const TAG_OF = { removed: 'del', added: 'ins' };

  return function changes({ say, host, service }) {
    // One page asks for the same comparison in several places.
    const known = new Map();

    function compared(from, to) {
      const key = [from, to, host.lang()].join(' ');
      if (!known.has(key)) {
        const answer = service.changes(from, to, host.lang());
        answer.catch(() => known.delete(key));
        known.set(key, answer);
      }
      return known.get(key);
    }

    // The same, on a page of its own.
    const page = (from, to) =>
      el('p', { class: 'accord-small' }, dom.outside(say('changes.page'), service.changesPage(from, to, host.lang())));

    function facts(comparison) {
      if (comparison.facts.length === 0) {
        return el('p', null, say('changes.meaning'));
      }
      const sentences = comparison.facts.map((sentence) => el('li', null, sentence));
      return el('ul', { class: 'accord-list', lang: comparison.facts_lang }, sentences);
    }

    const count = ({ clauses }) =>
      clauses.length > 0 ? say('changes.clauses', { count: clauses.length }) : say('changes.same');

    // `del` and `ins` tell what they are without lines and colours, too. Spaces around stay outside: no line under them.
    function words(one) {
      return one.words.map(({ op, text }) => {
        const [, before, inner, behind] = text.match(/^(\s*)([^]*?)(\s*)$/);
        return TAG_OF[op] && inner ? [before, el(TAG_OF[op], null, inner), behind] : text;
      });
    }

    function clause(one, lang) {
      const name = one.no === 'title' ? say('changes.heading') : say('changes.clause', { no: one.no });
      const label = [say(`changes.${one.change}`), one.from_no && say('changes.from', { no: one.from_no })];
      return el(
        'article',
        { class: `accord-change accord-change-${one.change}`, 'data-change': one.change },
        el(
          'h4',
          { class: 'accord-change-title' },
          name,
          ' ',
          el('span', { class: 'accord-change-label' }, label.filter(Boolean).join(', '))
        ),
        el('p', { class: 'accord-change-words', lang, dir: 'auto' }, words(one))
      );
    }

    function clauses({ clauses: all, lang }) {
      const drawn = all.map((one) => clause(one, lang));
      const others = drawn.slice(AT_ONCE);
      return [
        el('p', { class: 'accord-small' }, say('changes.legend')),
        drawn.slice(0, AT_ONCE),
        others.length > 0 &&
          el(
            'details',
            null,
            el('summary', { class: 'accord-summary' }, say('changes.more', { count: others.length })),
            others
          ),
      ];
    }

    /** Fills a node when the comparison is there. What is short is read out to those who listen. */
    function filled(from, to, drawn, role) {
      const node = el('div', { role, 'data-accord-changes': `${from}..${to}` });
      dom.fill(node, el('p', { class: 'accord-small' }, say('common.loading')));
      compared(from, to).then(
        (comparison) => dom.fill(node, drawn(comparison), page(from, to)),
        () => dom.fill(node, el('p', { class: 'accord-small' }, say('changes.failed')), page(from, to))
      );
      return node;
    }

    return {
      /** In short: what the facts differ in, and how many clauses. */
      brief: (from, to) =>
        filled(
          from,
          to,
          (comparison) => [facts(comparison), el('p', { class: 'accord-small' }, count(comparison))],
          'status'
        ),

      /** Clause by clause, as a part of the control panel. */
      whole(from, to) {
        const id = dom.uid('changes');
        return el(
          'section',
          { class: 'accord-card', 'aria-labelledby': id },
          el('h3', { class: 'accord-title', id }, say('changes.title')),
          el('p', { class: 'accord-small' }, say('changes.since', { from, to })),
          filled(from, to, (comparison) => [
            facts(comparison),
            comparison.clauses.length > 0 ? clauses(comparison) : el('p', null, say('changes.same')),
          ])
        );
      },
    };
  };
});
