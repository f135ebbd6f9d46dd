/**
 * The small block in the right-hand column of a card. Fine: one calm line, and
 * the notice of a new version until it is known. Not fine: what is wrong and
 * where to put it right, and nothing else.
 */
define(['./dom.js', './places.js', './problem.js', './standing_text.js', './keep.js'], function (
  dom,
  places,
  problem,
  standingText,
  keep
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
    let root = null;
    let release = () => {};

    /** Puts our part below what the widget draws, in its block of the column. */
    function put() {
      const block = root && places.cardBlock(host);
      if (block && root.parentNode !== block) {
        block.appendChild(root);
      }
      return Boolean(block);
    }

    const draw = (body) =>
      widget.render_template({ caption: { class_name: 'accord-widget-caption', html: '' }, body, render: '' });

    return {
      /** Puts an empty block into the column; again: the one there is used. */
      open() {
        if (!widget.render_template || (root && root.isConnected)) {
          return;
        }
        root = el('div', { class: 'accord-widget accord-in-card', 'data-accord': `card-${host.code()}`, lang: host.lang() });
        if (!put()) {
          draw('');
        }
        if (!put()) {
          // A host that names its blocks otherwise: then our part is the body that it draws.
          draw(root.outerHTML);
          root = document.querySelector(`[data-accord="${root.dataset.accord}"]`) || root;
        }
        release();
        release = keep(root, put);
      },

      /**
       * Says how things stand.
       * @param {function(Node=)} again called when the person changed something: see `notice.js`
       * @param {Node} [news] what just happened, shown on top and given the focus
       */
      show(standing, again, news) {
        if (!root) {
          return;
        }
        const fine = standing.entitled && standing.consent.state === 'given';
        dom.fill(root, news, notice.banner(standing, again), (fine ? calm : wrong)(standing, tools));
        if (news) {
          dom.focus(news);
        }
      },

      fail: (failure, again) => root && dom.fill(root, problem.view(failure, say, host, again)),

      close() {
        release();
        if (root) {
          root.remove();
        }
        root = null;
      },
    };
  };
});
