/**
 * Makes elements. Text is always text, never markup.
 */
define(function () {
  'use strict';

  /** `el('a', {href}, 'text', child)`; an attribute that is false or null is left out. */
  function el(tag, attributes, ...children) {
    const node = document.createElement(tag);
    Object.entries(attributes || {}).forEach(([name, value]) => {
      if (value !== false && value !== null && value !== undefined) {
        node.setAttribute(name, value === true ? '' : value);
      }
    });
    node.append(...children.flat().filter((child) => child || child === 0));
    return node;
  }

  /** The vendor's button: its three layers are what widgets style and look for. */
  function button(label, attributes) {
    const inner = el('span', { class: 'button-input-inner' }, el('span', { class: 'button-input-inner__text' }, label));
    return el('button', Object.assign({ type: 'button' }, attributes), inner);
  }

  return { el, button };
});
