/**
 * Where in the host's pages we may draw. The host's documents, samples and
 * live widgets name different containers; all that were seen are tried, and a
 * container that comes later than our callback is waited for.
 */
define(['jquery', './dom.js'], function ($, dom) {
  'use strict';

  const { el } = dom;
  const ROOT = 'accord-widget';
  const LATE_MS = 15000;

  /**
   * Is this the widget's own page in Settings? The place is named in two ways,
   * and only one of them may say whose page it is.
   */
  function isPanel(host) {
    const pages = host
      .areas()
      .map((area) => area.split(':'))
      .filter(([place]) => place === 'advanced-settings' || place === 'advanced_settings');
    return pages.length > 0 && pages.every(([, code]) => !code || code === host.code());
  }

  function isCard(host) {
    return host.areas().some((area) => /^(lcard|ccard|comcard|cucard)|_card$/.test(area));
  }

  /** Are we in the widget's settings window, and not merely on a page of settings? */
  function isSettings(host) {
    return host.area() === 'settings';
  }

  function panelContainer(host) {
    const candidates = [`[id="work-area-${host.code()}"]`, '#list_page_holder', '.list-widget', '#work_area'];
    return candidates.map((selector) => document.querySelector(selector)).find(Boolean) || null;
  }

  /**
   * Calls `found` with the container, at once or when it appears.
   * Returns a function that stops waiting.
   */
  function whenPresent(find, found) {
    const present = find();
    if (present) {
      found(present);
      return () => {};
    }
    const observer = new MutationObserver(() => {
      const late = find();
      if (late) {
        stop();
        found(late);
      }
    });
    const timer = setTimeout(() => observer.disconnect(), LATE_MS);
    function stop() {
      observer.disconnect();
      clearTimeout(timer);
    }
    observer.observe(document.body, { childList: true, subtree: true });
    return stop;
  }

  /**
   * The parts of the settings window that belong to this widget. Usually one;
   * some hosts keep two copies of the window, and either may be the visible one.
   */
  function settingsBlocks($body, host) {
    const fields = $(`[id="${host.code()}_custom"]`).toArray();
    const blocks = $body.toArray().map((body) => $(body).find('.widget_settings_block')[0] || body);
    fields.forEach((field) => {
      const block = field.closest('.widget_settings_block');
      if (block) {
        blocks.push(block);
      }
    });
    // A copy of the window inside another one is the same window.
    return blocks.filter((block, index) => blocks.indexOf(block) === index);
  }

  /** The whole window around one of those parts, where its Install button is. */
  function windowOf(block) {
    return block.closest('.widget-settings__modal, .modal') || block;
  }

  /** Puts our root above the fields, so that the host's Save stays at the bottom. */
  function insertIntoSettings(block, node) {
    const fields = block.querySelector('.widget_settings_block__fields');
    if (fields) {
      fields.parentNode.insertBefore(node, fields);
    } else {
      block.appendChild(node);
    }
  }

  /**
   * Makes the root node all our styles hang on, and removes what an earlier
   * call drew in the same container for the same purpose.
   */
  function root(container, purpose, host) {
    const mark = `${purpose}-${host.code()}`;
    container.querySelectorAll('[data-accord]').forEach((old) => old.dataset.accord === mark && old.remove());
    return el('div', { class: ROOT, 'data-accord': mark, lang: host.lang() });
  }

  /** Adds the stylesheet once, however often the widget starts. */
  function dress(host) {
    const href = `${host.folder()}/consent/style.css?v=${host.version()}`;
    const present = $('link[rel="stylesheet"]').toArray();
    if (!present.some((link) => link.getAttribute('href') === href)) {
      $('head').append($('<link>', { rel: 'stylesheet', href }));
    }
  }

  /** The widget's own block in the right-hand column of a card; null before it was drawn. */
  function cardBlock(host) {
    return document.getElementsByClassName(`card-widgets__widget-${host.code()}`)[0] || null;
  }

  return { isPanel, isCard, isSettings, cardBlock, panelContainer, whenPresent, settingsBlocks, windowOf, insertIntoSettings, root, dress };
});
