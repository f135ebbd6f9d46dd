/**
 * Install, Save and Disable: in which order the server is told and the widget
 * is called.
 */
define(['jquery', 'facts', 'words', 'notifications', 'life_cycle', 'settings_fields'], function (
  $,
  facts,
  say,
  notifications,
  life,
  fields
) {
  'use strict';

  const recorder = window.emulatorRecorder;

  /** `POST /ajax/widgets/edit`: how the widget stands afterwards. */
  async function post({ widget }, values) {
    const form = Object.assign({ action: 'edit', id: widget.client_id, code: widget.code, is_marketplace_request: 1 }, values);
    const { response } = await $.ajax({ url: '/ajax/widgets/edit', type: 'POST', dataType: 'json', data: form });
    return response.install;
  }

  /** From here on the page and the widget (`self.params`) know how it stands. */
  function know({ widget, object }, install) {
    facts.update(widget.code, install);
    object._refresh();
  }

  async function tell(desk, values) {
    know(desk, await post(desk, values));
  }

  /** What the widget's `onSave` says; without one a widget cannot be saved. */
  async function allowed({ widget, object }, event) {
    if (!object.callbacks || !object.callbacks.onSave) {
      return false;
    }
    try {
      const answer = await life.call(widget.code, object, 'onSave', event);
      return answer !== false || !facts.switches.on_save_false_stops;
    } catch (refusal) {
      return false;
    }
  }

  /** Asks the widget and keeps the values as it leaves them; `false` when it refused. */
  async function keep(desk) {
    const { widget, $body } = desk;
    const event = { active: 'Y', fields: fields.read(widget, $body) };
    if (!(await allowed(desk, event))) {
      $body.find('.js-widget-save').trigger('button:save:error');
      notifications.show_message_error({ header: widget.name, text: say('saveRefused') });
      return false;
    }
    await tell(desk, { widget_active: 'Y', is_widget_state_action: 0, settings: event.fields });
    return true;
  }

  return {
    /**
     * Install. The hook leaves first, before anything is saved. Fields that
     * are in the window already are saved with it; otherwise, and when the
     * widget refuses, it stays "not configured" until Save. `false` when an
     * empty required field held Install back.
     */
    async install(desk) {
      const { widget, object, $body } = desk;
      const early = facts.switches.install_mode === 'legacy';
      if (early && !fields.complete(widget, $body)) {
        return false;
      }
      const switchedOn = await post(desk, { widget_active: 'Y', is_widget_state_action: 1 });
      // While `onSave` of an Install runs, the widget still finds itself not installed: Kommo's own asks for that.
      if (!early || !(await keep(desk))) {
        know(desk, switchedOn);
      }
      life.call(widget.code, object, 'onInstall');
      return true;
    },

    /** Save; `false` when the widget or an empty required field held it back. */
    save: async (desk) => fields.complete(desk.widget, desk.$body) && keep(desk),

    /** Disable: the widget is told, not asked. */
    async disable(desk) {
      const { widget, $body } = desk;
      if (!(await allowed(desk, { active: 'N', fields: fields.read(widget, $body) }))) {
        recorder.report('disable-refused', widget.code, 'onSave did not let the widget be switched off; it was');
      }
      await tell(desk, { widget_active: 'N', is_widget_state_action: 1 });
      await life.retire(widget.code);
    },
  };
});
