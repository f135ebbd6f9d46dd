/**
 * The Policy as a person reads it: number, date, since when it holds here, a
 * choice of languages, and every clause under its own number.
 */
define(['./dom.js', './safe_html.js'], function (dom, safeHtml) {
  'use strict';

  const { el } = dom;

  function facts(policy, say) {
    return [
      say('policy.number', { number: policy.number }),
      policy.dated && say('policy.dated', { date: say.day(policy.dated) }),
      policy.posted_at && say('policy.postedAt', { date: say.moment(policy.posted_at) }),
    ]
      .filter(Boolean)
      .join(' · ');
  }

  function languages(policy, say, onLanguage) {
    const others = policy.languages || [];
    if (others.length < 2) {
      return null;
    }
    const buttons = others.map((lang) => {
      // Each language under its own name: that is the one its reader looks for.
      const choice = dom.button(say.language(lang, lang), () => onLanguage(lang), 'chip');
      choice.setAttribute('lang', lang);
      choice.setAttribute('aria-pressed', String(lang === policy.lang));
      return choice;
    });
    return el('div', { class: 'accord-chips', role: 'group', 'aria-label': say('policy.languages') }, buttons);
  }

  function clause(one) {
    return el(
      'div',
      { class: 'accord-clause' },
      el('span', { class: 'accord-clause-number' }, one.label || one.no),
      el('div', { class: 'accord-clause-text' }, safeHtml(one.html))
    );
  }

  function section(one, folded) {
    // A publisher may number with words ("Article 1.") or not at all.
    const title = [one.label || (one.no && `${one.no}.`), one.title].filter(Boolean).join(' ');
    const body = [
      one.preamble_html && el('div', { class: 'accord-preamble' }, safeHtml(one.preamble_html)),
      one.clauses.map(clause),
    ];
    if (folded) {
      return el('details', { class: 'accord-section' }, el('summary', { class: 'accord-section-title' }, title), body);
    }
    return el('section', { class: 'accord-section' }, el('h4', { class: 'accord-section-title' }, title), body);
  }

  /**
   * Draws the Policy.
   * @param {object} options `onLanguage(lang)` when another language is chosen;
   *   `folded` shows sections as headings that open, else a box that scrolls;
   *   `page` is the address of the full page
   */
  return function policyView(policy, say, options) {
    const text = policy.sections.map((one) => section(one, options.folded));
    // Said only where there was no choice; who picked another language knows.
    const foreign = policy.lang !== say.lang() && !(policy.languages || []).includes(say.lang());
    const id = dom.uid('policy');

    return el(
      'section',
      { class: 'accord-policy', 'aria-labelledby': id },
      el('h3', { class: 'accord-heading', id, lang: policy.lang }, policy.title || say('policy.heading')),
      el('p', { class: 'accord-small' }, facts(policy, say)),
      languages(policy, say, options.onLanguage),
      foreign &&
        el('p', { class: 'accord-small' }, say('policy.otherLanguage', { language: say.language(policy.lang) })),
      el(
        'div',
        {
          class: options.folded ? 'accord-policy-text' : 'accord-policy-text accord-policy-box',
          lang: policy.lang,
          // A box that scrolls must be reachable and scrollable with the keyboard.
          tabindex: options.folded ? null : '0',
          role: options.folded ? null : 'region',
          'aria-label': options.folded ? null : say('policy.box'),
        },
        text
      ),
      el('p', { class: 'accord-small' }, dom.outside(say('policy.fullPage'), options.page))
    );
  };
});
