/**
 * The small block in the right-hand column of a card. Fine: one calm line, and
 * the notice of a new version until it is known. Not fine: what is wrong and
 * where to put it right, and nothing else.
 */
define(['./dom.js', './places.js', './problem.js', './standing_text.js'], function (
  dom,
  places,
  problem,
  standingText
) {
  'use strict';

  const { el } = dom;

  /** Where an administrator finds the widget: its page when it has one, the list before. */
  function whereTo(standing, host) {
    return standing.install === 'active' || standingText.mayConsent(standing)
      ? `/settings/widgets/${host.code()}`
      : '/settings/widgets/';
  }

  function wrong(standing, { say, host, notice }) {
    const asked = notice.asking(standing);
    const words = standingText.words(standing, say);
    return el(
      'div',
      { class: `accord-note accord-note-${words.tone}` },
      el('p', { class: 'accord-note-text' }, el('strong', null, words.title)),
      el('p', null, words.text),
      asked,
      el(
        'p',
        null,
        host.isAdministrator()
          ? el('a', { class: 'accord-link', href: whereTo(standing, host) }, say(asked ? 'card.decide' : 'card.fix'))
          : say('card.askAdministrator')
      )
    );
  }

  function calm(standing, { say, host }) {
    return el(
      'p',
      { class: 'accord-small accord-calm' },
      say('card.fine', { number: standing.consent.policy_number }),
      ' ',
      el('a', { class: 'accord-link', href: `/settings/widgets/${host.code()}` }, say('card.panel'))
    );
  }

  return function cardBlock(tools) {
    const { widget, host, say, notice } = tools;
    const mark = () => `card-${host.code()}`;
    const blocks = () =>
      Array.from(document.querySelectorAll('[data-accord]')).filter((node) => node.dataset.accord === mark());

    return {
      /** Puts an empty block into the column; again: the one there is used. */
      open() {
        if (blocks().length === 0 && widget.render_template) {
          const root = el('div', { class: 'accord-widget accord-in-card', 'data-accord': mark(), lang: host.lang() });
          widget.render_template({
            caption: { class_name: 'accord-widget-caption', html: '' },
            body: root.outerHTML,
            render: '',
          });
        }
      },

      /**
       * Says how things stand.
       * @param {function(Node=)} again called when the person changed something: see `notice.js`
       * @param {Node} [news] what just happened, shown on top and given the focus
       */
      show(standing, again, news) {
        const fine = standing.entitled && standing.consent.state === 'given';
        blocks().forEach((block) =>
          dom.fill(block, news, notice.banner(standing, again), (fine ? calm : wrong)(standing, tools))
        );
        if (news) {
          dom.focus(news);
        }
      },

      fail: (failure, again) => blocks().forEach((block) => dom.fill(block, problem.view(failure, say, host, again))),
      close: () => blocks().forEach((block) => dom.fill(block)),
    };
  };
});
