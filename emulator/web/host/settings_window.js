/**
 * The settings window of a widget: opens it, calls the widget's `settings`,
 * and brings clicks on its buttons to `settings_acts.js`.
 */
'use strict';

define([
  'jquery',
  'facts',
  'app',
  'dom',
  'words',
  'notifications',
  'lib/components/base/modal',
  'life_cycle',
  'settings_view',
  'settings_acts',
], function ($, facts, app, { el, button }, say, notifications, Modal, life, view, acts) {
  /** Asks before a widget is switched off. */
  function ask(code, confirmed) {
    const yes = button(say('disable'), { class: 'button-input button-input_blue js-modal-accept js-modal-confirm' });
    const no = button(say('cancel'), { class: 'button-input button-cancel js-modal-cancel' });
    const modal = new Modal({
      class_name: 'modal-confirm',
      init($body) {
        const parts = [
          el('h2', { class: 'modal-body__caption' }, say('disableQuestion')),
          el('p', null, say('disableText')),
          el('div', { class: 'modal-body__actions' }, yes, no),
        ];
        $body.trigger('modal:loaded').html('').append(parts).attr('data-widget-code', code);
      },
    });
    yes.addEventListener('click', () => {
      modal.destroy();
      confirmed();
    });
  }

  const setEnabled = ($button, enabled) => $button.prop('disabled', !enabled).toggleClass('button-input-disabled', !enabled);

  /** Carries out one button of the window; meanwhile the others rest. */
  class Desk {
    constructor(widget, object, changed) {
      Object.assign(this, { widget, object, changed, busy: false, told: false });
    }

    /** Draws everything into the window and hands the widget its part. */
    draw(modal, $body) {
      Object.assign(this, { modal, $body });
      $body.trigger('modal:loaded').html('').append(view.draw(this.widget));
      $body.on('change input', '.widget_settings_block__fields input', () => this.enableSave());
      $body.on('button:save:enable', '.js-widget-save', () => this.enableSave());
      $body.on('button:save:error', '.js-widget-save', () => this.enableSave());
      $body.on('change', '.widget-settings__checkbox-privacy-policy input', (event) => this.agree(event.target.checked));
      $body.on('click', 'button.js-widget-install', () => this.act(() => this.install()));
      $body.on('click', '.js-widget-save', () => this.act(() => this.save()));
      $body.on('click', '.js-widget-uninstall', () => ask(this.widget.code, () => this.act(() => this.disable())));
      this.callSettings();
    }

    callSettings() {
      life.call(this.widget.code, this.object, 'settings', this.$body.find('.widget-settings__desc-space'), {});
    }

    agree(ticked) {
      this.$body.find('.widget-settings__checkbox-privacy-policy').toggleClass('is-checked', ticked);
      setEnabled(this.$body.find('button.js-widget-install'), ticked);
    }

    /** There is nothing to save of a widget that is not installed. */
    enableSave() {
      setEnabled(this.$body.find('.js-widget-save'), this.widget.install.active);
    }

    async act(action) {
      if (this.busy) {
        return;
      }
      this.busy = true;
      try {
        await action();
      } catch (failure) {
        const reason = (failure.responseJSON && failure.responseJSON.detail) || failure.message || '';
        notifications.show_message_error({ header: say('serverFailed'), text: reason });
      } finally {
        this.busy = false;
      }
      if (this.told) {
        this.told = false;
        this.callSettings();
      }
    }

    /** The left part as things stand now. */
    refreshPlate() {
      this.$body.find('.widget-settings__command-plate').replaceWith(view.plate(this.widget));
    }

    async install() {
      if (!(await acts.install(this))) {
        return;
      }
      const { widget, $body } = this;
      this.refreshPlate();
      if (facts.switches.install_mode === 'two_step') {
        // The second step: now the fields are there, and the widget is told so once the buttons can be pressed.
        $body.find('.widget-settings__desc-space').replaceWith(view.descSpace(widget));
        this.told = true;
      } else {
        // What the widget refused to save can be saved again.
        setEnabled($body.find('.js-widget-save'), widget.install.status === 'not_configured');
      }
      this.changed();
    }

    async save() {
      if (!(await acts.save(this))) {
        return;
      }
      notifications.show_message({ header: this.widget.name, text: say('saved') });
      this.refreshPlate();
      const $save = this.$body.find('.js-widget-save');
      setEnabled($save, false);
      this.changed();
      if ($save.attr('data-onsave-destroy-modal') === 'true') {
        this.modal.destroy();
      }
    }

    async disable() {
      await acts.disable(this);
      this.retired = true;
      this.changed();
      this.modal.destroy();
    }
  }

  return {
    /** Opens the window of a widget; `changed` is called after Install, Save and Disable. */
    async open(code, changed) {
      const below = app.widgets.system.area;
      let object;
      try {
        object = await life.openSettings(code);
      } catch (failure) {
        notifications.show_message_error({ header: say('loadFailed'), text: failure.message });
        return;
      }
      const desk = new Desk(facts.widget(code), object, changed);
      const place = el('div', { class: code });
      document.body.append(place);
      new Modal({
        class_name: `widget-settings__modal ${code}`,
        container: place,
        focus_element: '.modal-body__close',
        focus_back: () => document.querySelector(`.js-widget-open[data-code="${code}"]`),
        init($body) {
          desk.draw(this, $body);
        },
        destroy() {
          place.remove();
          // A widget that was switched off has been told already.
          if (!desk.retired) {
            life.call(code, object, 'destroy');
          }
          app.widgets.system.area = below;
        },
      });
    },
  };
});
