/** A widget of another shape: a class, one custom field for itself, and a page of its own in Settings. */
define(['jquery', './lib/place.js'], ($, place) => {
  class Notes {
    constructor() {
      this.callbacks = {
        render: () => {
          if (this.system().area === 'lcard') {
            this.render_template({ caption: { class_name: 'nt-caption' }, body: '<p class="nt-card">A note</p>', render: '' });
          }
          return Promise.resolve(true);
        },
        init: () => true,
        bind_actions: () => true,
        settings: ($body) => {
          $body.find(`[id="${this.params.widget_code}_custom_content"]`).html('<p class="nt-settings">Nothing to set</p>');
          return true;
        },
        onSave: (event) => {
          event.fields.data = JSON.stringify({ notes: 1 });
          return true;
        },
        advancedSettings: () => {
          // As many do: everything that was in the container goes.
          $(place(this.params.widget_code)).html('<h2 class="nt-page">All notes</h2>');
          return true;
        },
        destroy: () => {},
      };
    }
  }

  return Notes;
});
