/**
 * The control panel on the widget's own page in Settings: how things stand,
 * what was agreed to and when, contact details, my data, withdrawal, and the
 * Policy in force, which clause 12.2 wants to be found in the Product.
 */
define([
  './dom.js',
  './places.js',
  './problem.js',
  './standing_text.js',
  './hints.js',
  './policy_view.js',
  './panel_consent.js',
  './panel_contact.js',
  './panel_data.js',
  './panel_withdrawal.js',
  './keep.js',
], function (
  dom,
  places,
  problem,
  standingText,
  hints,
  policyView,
  panelConsent,
  panelContact,
  panelData,
  panelWithdrawal,
  keep
) {
  'use strict';

  const { el } = dom;

  return function panel(tools) {
    const { host, service, say, changes, notice } = tools;
    let root = null;
    let stopWaiting = () => {};
    let release = () => {};

    function banner(standing) {
      const words = standingText.words(standing, say);
      return el(
        'div',
        { class: `accord-note accord-note-${words.tone}`, role: 'status', 'data-accord-banner': true },
        el('p', { class: 'accord-note-text' }, el('strong', null, words.title)),
        el('p', null, words.text),
        // The removal runs by itself; the page does not hear when it is over.
        standing.install === 'uninstalling' && dom.button(say('common.checkAgain'), () => load())
      );
    }

    function changesPart({ notice: told, consent }) {
      return told && consent.policy_number ? changes.whole(consent.policy_number, told.policy_number) : null;
    }

    function policyPart(policy) {
      const place = el('div');
      const failed = el('div');
      const show = (next) =>
        dom.fill(place, policyView(next, say, { folded: true, page: service.policyPage(), onLanguage: read }));
      const read = (lang) =>
        service.policy(lang).then(
          (next) => {
            show(next);
            place.querySelector('[aria-pressed="true"]').focus();
          },
          (failure) => dom.fill(failed, problem.view(failure, say, host))
        );
      show(policy);
      return el(
        'div',
        { class: 'accord-card' },
        el('p', { class: 'accord-small' }, say('panel.policy')),
        failed,
        place
      );
    }

    /**
     * Draws everything anew.
     * @param {object} found `standing`, `policy`, and `me`; where that could not
     *   be read `me` is null and `unread` is the problem
     * @param {Node} [news] what just happened, shown on top and given the focus
     */
    function draw(found, news) {
      const again = (happened) => load(happened);
      const parts = Object.assign({ again }, tools, found);
      const mine = [panelConsent(parts), panelContact(parts), panelData(parts), panelWithdrawal(parts)];
      const changed = changesPart(found.standing);
      // What changed is read first. Where a consent is asked for, the Policy stands in the form already.
      const columns = standingText.mayConsent(found.standing)
        ? [changed, mine]
        : [[changed, mine], policyPart(found.policy)];
      dom.fill(
        root,
        el(
          'header',
          { class: 'accord-head' },
          el('h2', { class: 'accord-headline' }, say('panel.title')),
          el('p', { class: 'accord-lead' }, say('panel.lead'))
        ),
        news,
        notice.banner(found.standing, again),
        banner(found.standing),
        hints(parts),
        found.unread && problem.view(found.unread, say, host, () => load()),
        el(
          'div',
          { class: 'accord-columns' },
          columns.map((column) => column && el('div', { class: 'accord-column' }, column))
        )
      );
      if (news) {
        dom.focus(news);
      }
    }

    function load(news) {
      const here = root;
      const lang = host.lang();
      const showing = Boolean(root.firstChild);
      if (!showing) {
        dom.fill(root, el('p', { class: 'accord-loading', role: 'status' }, say('common.loading')));
      }
      // The rest of the panel is of use even if the personal part cannot be read.
      const personal = service.me(lang).then(
        (me) => ({ me }),
        (unread) => ({ me: null, unread })
      );
      return Promise.all([service.standing(lang), service.policy(lang), personal]).then(
        ([standing, policy, { me, unread }]) => here === root && draw({ standing, policy, me, unread }, news),
        (failure) =>
          here === root &&
          dom.fill(
            root,
            news,
            problem.view(failure, say, host, () => load(news))
          )
      );
    }

    return {
      /** Draws the panel, now or when its container appears. Calling it again changes nothing. */
      open() {
        if (root && document.contains(root)) {
          return;
        }
        stopWaiting();
        release();
        stopWaiting = places.whenPresent(
          () => places.panelContainer(host),
          (container) => {
            root = places.root(container, 'panel', host);
            root.classList.add('accord-panel');
            const put = () => {
              const present = places.panelContainer(host);
              return Boolean(present && present.appendChild(root));
            };
            put();
            // A page that the widget draws itself stands above ours.
            release = keep(root, put);
            load();
          }
        );
      },

      /** Removes the panel; tells whether there was one, for something may have been changed in it. */
      close() {
        const open = Boolean(root);
        stopWaiting();
        release();
        if (open) {
          root.remove();
        }
        root = null;
        return open;
      },
    };
  };
});
