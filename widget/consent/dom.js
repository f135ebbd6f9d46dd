/**
 * Builds page elements. Text goes in as text, never as markup, so a name with
 * a bracket in it stays a name with a bracket in it.
 */
define(function () {
  'use strict';

  let count = 0;

  /** Makes an id no other mounted copy has: the settings window may exist twice. */
  function uid(name) {
    count += 1;
    return `accord-${name}-${count}`;
  }

  function append(parent, child) {
    if (child === null || child === undefined || child === false) {
      return;
    }
    if (Array.isArray(child)) {
      child.forEach((one) => append(parent, one));
      return;
    }
    parent.appendChild(child instanceof Node ? child : document.createTextNode(String(child)));
  }

  function set(node, name, value) {
    if (value === null || value === undefined || value === false) {
      return;
    }
    if (name.startsWith('on')) {
      node.addEventListener(name.slice(2), value);
    } else if (name === 'value') {
      node.value = value;
    } else {
      node.setAttribute(name, value === true ? '' : value);
    }
  }

  /**
   * Makes one element: `el('a', { href, onclick }, 'text', child, …)`.
   * Attributes and children that are null or false are left out.
   */
  function el(tag, attributes, ...children) {
    const node = document.createElement(tag);
    append(node, children);
    // Attributes last: a select takes its value only when its options exist.
    Object.keys(attributes || {}).forEach((name) => set(node, name, attributes[name]));
    return node;
  }

  /** Replaces all that is in a node. */
  function fill(node, ...children) {
    node.textContent = '';
    append(node, children);
    return node;
  }

  /** Moves the keyboard to a node that is not a field, such as a heading. */
  function focus(node) {
    if (!node.matches('a[href], button, input, select, textarea, [tabindex]')) {
      node.setAttribute('tabindex', '-1');
    }
    node.focus();
  }

  function button(label, onclick, kind) {
    return el('button', { type: 'button', class: `accord-button accord-button-${kind || 'plain'}`, onclick }, label);
  }

  /** A link that opens in a new tab and tells the new page nothing about this one. */
  function outside(label, href, name) {
    return el('a', { href, target: '_blank', rel: 'noopener noreferrer', class: name || 'accord-link' }, label);
  }

  return { uid, el, fill, focus, button, outside };
});
