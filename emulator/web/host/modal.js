/**
 * `lib/components/base/modal`: the window that widgets may open, with the
 * options, methods, events and class names of the vendor's.
 */
'use strict';

define(['jquery', 'dom', 'words'], function ($, { el, button }, say) {
  const FOCUSABLE = 'a[href], button:not([disabled]), input:not([type=hidden]):not([disabled]), select, textarea, [tabindex="0"]';

  const DEFAULTS = {
    class_name: '',
    container: null,
    init() {},
    destroy() {},
    disable_overlay_click: false,
    disable_escape_keydown: false,
    disable_enter_keydown: false,
    disable_cancel_click: false,
    focus_element: '.js-modal-accept',
    focus_back: () => null,
  };

  // Open windows, the uppermost last: keys go to that one.
  const open = [];
  const layer = (modal) => open[open.length - 1] === modal;

  return class Modal {
    constructor(options) {
      this.options = Object.assign({}, DEFAULTS, options);
      this.before = document.activeElement;
      this.body = el('div', { class: 'modal-body modal-body-relative modal-body-loading', role: 'dialog', 'aria-modal': 'true', tabindex: '-1' });
      this.overlay = el('div', { class: 'modal-overlay modal-overlay_visible' });
      this.node = el(
        'div',
        { class: `modal ${this.options.class_name}` },
        this.overlay,
        el('div', { class: 'modal-scroller custom-scroll' }, this.body)
      );
      this.$el = $(this.node);
      this.$modal = this.$el;
      this.$modal_body = $(this.body);
      this.listen();
      $(this.options.container || document.body)[0].append(this.node);
      open.push(this);
      this.options.init.call(this, this.$modal_body);
      this.label();
      this.focus();
    }

    listen() {
      const { options } = this;
      this.$modal_body.on('modal:loaded', () => this.$modal_body.removeClass('modal-body-loading'));
      this.$el.on('click', '.modal-body__close', () => this.destroy());
      this.$el.on('click', '.js-modal-cancel, .button-cancel.js-modal-close', () => !options.disable_cancel_click && this.destroy());
      this.$el.find('.modal-scroller').on('click', (event) => {
        if (event.target === event.currentTarget && !options.disable_overlay_click) {
          this.destroy();
        }
      });
      this.onKey = (event) => layer(this) && this.key(event);
      this.onPage = () => this.destroy();
      document.addEventListener('keydown', this.onKey);
      $(document).on('page:changed', this.onPage);
    }

    key(event) {
      if (event.key === 'Escape' && !this.options.disable_escape_keydown) {
        this.destroy();
      } else if (event.key === 'Tab') {
        this.keepFocus(event);
      }
    }

    keepFocus(event) {
      const all = Array.from(this.node.querySelectorAll(FOCUSABLE)).filter((node) => node.offsetParent);
      const [first, last] = [all[0] || this.body, all[all.length - 1] || this.body];
      const inside = this.node.contains(document.activeElement) && document.activeElement !== this.body;
      if (event.shiftKey && (!inside || document.activeElement === first)) {
        event.preventDefault();
        last.focus();
      } else if (!event.shiftKey && (!inside || document.activeElement === last)) {
        event.preventDefault();
        first.focus();
      }
    }

    /** A window is announced by its heading. */
    label() {
      const heading = this.body.querySelector('h1, h2, .modal-body__caption');
      if (heading && !this.body.hasAttribute('aria-label')) {
        this.body.setAttribute('aria-label', heading.textContent.trim());
      }
    }

    focus() {
      const { focus_element: wanted } = this.options;
      const target = wanted && this.body.querySelector(wanted);
      (target || this.body).focus({ preventScroll: true });
    }

    show() {
      this.node.hidden = false;
    }

    hide() {
      this.node.hidden = true;
    }

    /** `destroy` of the options may answer `false`: then the window stays. */
    destroy() {
      if (!open.includes(this) || this.options.destroy.call(this) === false) {
        return;
      }
      open.splice(open.indexOf(this), 1);
      document.removeEventListener('keydown', this.onKey);
      $(document).off('page:changed', this.onPage);
      this.$el.remove();
      // What opened the window may have been drawn anew meanwhile.
      const back = document.contains(this.before) ? this.before : this.options.focus_back();
      if (back) {
        back.focus({ preventScroll: true });
      }
    }

    message(kind, text) {
      const close = button(say('close'), { class: 'button-input js-modal-accept modal-body__close-button' });
      close.addEventListener('click', () => this.destroy());
      this.$modal_body.trigger('modal:loaded').html('').append(
        el('h2', { class: `modal-body__caption modal-body__caption_${kind}`, role: kind === 'error' ? 'alert' : 'status' }, text),
        el('div', { class: 'modal-body__actions' }, close)
      );
      this.label();
      this.focus();
    }

    showError(text) {
      this.message('error', text || say('error'));
    }

    showSuccess(text, callback, delay) {
      this.message('success', text || say('done'));
      if (callback) {
        setTimeout(callback, delay || 0);
      }
    }

    _showError() {
      this.showError();
    }

    _showSuccess() {
      this.showSuccess();
    }
  };
});
