/**
 * Install, Save and Disable: in which order the widget is asked, the server is
 * told and the widget is called again.
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

  /** `POST /ajax/widgets/edit`, and what it changed. */
  async function tell({ widget, object }, values) {
    const form = Object.assign({ action: 'edit', id: widget.client_id, code: widget.code, is_marketplace_request: 1 }, values);
    const { response } = await $.ajax({ url: '/ajax/widgets/edit', type: 'POST', dataType: 'json', data: form });
    facts.update(widget.code, response.install);
    object._refresh();
  }

  /** What the widget's `onSave` says; without one a widget cannot be installed or saved. */
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

  function refuse({ widget, $body }) {
    $body.find('.js-widget-save').trigger('button:save:error');
    notifications.show_message_error({ header: widget.name, text: say('saveRefused') });
    return false;
  }

  const texts = (values) => Object.fromEntries(Object.entries(values).map(([key, value]) => [key, value === undefined ? '' : value]));

  const keep = (desk, values) => tell(desk, { widget_active: 'Y', is_widget_state_action: 0, settings: texts(values) });

  return {
    /**
     * Install. With the fields in the window already, they are saved with it;
     * otherwise the widget stays "not configured" until Save. `false` when
     * the widget or an empty required field held it back.
     */
    async install(desk) {
      const { widget, object, $body } = desk;
      const early = facts.switches.install_mode === 'legacy';
      if (early && !fields.complete(widget, $body)) {
        return false;
      }
      const event = { active: 'Y', fields: early ? fields.read(widget, $body) : {} };
      if (!(await allowed(desk, event))) {
        return refuse(desk);
      }
      // The hook leaves with this call, before anything is saved.
      await tell(desk, { widget_active: 'Y', is_widget_state_action: 1 });
      life.call(widget.code, object, 'onInstall');
      if (early) {
        await keep(desk, event.fields);
      }
      return true;
    },

    /** Save; `false` when the widget or an empty required field held it back. */
    async save(desk) {
      const { widget, $body } = desk;
      if (!fields.complete(widget, $body)) {
        return false;
      }
      const event = { active: 'Y', fields: fields.read(widget, $body) };
      if (!(await allowed(desk, event))) {
        return refuse(desk);
      }
      await keep(desk, event.fields);
      return true;
    },

    /** Disable: the widget is told, not asked. */
    async disable(desk) {
      const { widget, $body } = desk;
      await allowed(desk, { active: 'N', fields: fields.read(widget, $body) });
      await tell(desk, { widget_active: 'N', is_widget_state_action: 1 });
      await life.retire(widget.code);
    },
  };
});
