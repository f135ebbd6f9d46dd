/**
 * Turns the Policy's markup into page elements by a list of what is allowed.
 *
 * The service has cleaned this markup already. It is read here once more,
 * because it is drawn inside somebody else's page, where a mistake of ours
 * would be a hole of theirs.
 */
define(function () {
  'use strict';

  const ALLOWED = new Set(
    'P UL OL LI A STRONG EM BR BLOCKQUOTE CODE HR PRE SUP TABLE TBODY TD TH THEAD TR'.split(' ')
  );
  const DROPPED = new Set(['SCRIPT', 'STYLE', 'TEMPLATE', 'IFRAME', 'OBJECT']);
  const SCHEMES = new Set(['http:', 'https:', 'mailto:', 'tel:']);

  function safeAddress(href) {
    try {
      const address = new URL(href);
      return SCHEMES.has(address.protocol) ? address.href : null;
    } catch (error) {
      return null;
    }
  }

  function copy(source) {
    const target = document.createElement(source.tagName);
    // A list that does not begin with 1 keeps its numbers: people refer to them.
    const start = source.tagName === 'OL' && Number.parseInt(source.getAttribute('start'), 10);
    if (Number.isSafeInteger(start)) {
      target.setAttribute('start', String(start));
    }
    const href = source.tagName === 'A' && safeAddress(source.getAttribute('href'));
    if (href) {
      target.setAttribute('href', href);
      target.setAttribute('target', '_blank');
      target.setAttribute('rel', 'noopener noreferrer');
      target.setAttribute('class', 'accord-link');
    }
    return target;
  }

  function pour(source, target) {
    source.childNodes.forEach((child) => {
      if (child.nodeType === Node.TEXT_NODE) {
        target.appendChild(document.createTextNode(child.nodeValue));
      } else if (child.nodeType === Node.ELEMENT_NODE && !DROPPED.has(child.tagName)) {
        // An unknown element is left out, its text is kept: no word of the Policy may be lost.
        const place = ALLOWED.has(child.tagName) ? target.appendChild(copy(child)) : target;
        pour(child, place);
      }
    });
  }

  /** Markup in, a fragment out that holds nothing but the allowed elements. */
  return function safeHtml(markup) {
    const fragment = document.createDocumentFragment();
    // A parsed document is inert: nothing in it loads or runs.
    pour(new DOMParser().parseFromString(markup || '', 'text/html').body, fragment);
    return fragment;
  };
});
