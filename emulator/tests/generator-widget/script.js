/**
 * A widget that makes the calls of what Kommo's generator writes: only jQuery and
 * underscore from the host, components mounted beside the block that it hides, a
 * press of Save by itself, the catalogue's number in `onSave`. It ships no tour.
 */
window.define(['jquery', 'underscore'], function () {
  'use strict';

  /** Stands for the root of a component library. */
  function mount(place, name) {
    if (place) {
      const node = document.createElement('div');
      node.className = `generated-${name}`;
      node.textContent = name;
      place.appendChild(node);
    }
  }

  return function Generated() {
    const self = this;
    const i18n = (key) => self.i18n(key) || key;

    this.callbacks = {
      render: () => true,
      init() {
        self.render_template({ caption: { class_name: 'generated_card' }, body: '<div class="generated_card_inner"></div>', render: '' });
        mount(document.querySelector('.generated_card_inner'), 'card');
        return true;
      },
      bind_actions: () => true,
      settings($content) {
        const $save = $content.find('.js-widget-save');
        $save.removeAttr('data-onsave-destroy-modal');
        $save.click();
        $content.find('.widget_settings_block').hide();
        mount(document.querySelector('.widget-settings__desc-space'), 'settings');
        return true;
      },
      advancedSettings() {
        mount(document.querySelector(`#work-area-${self.params.widget_code}`), 'page');
        return true;
      },
      onSave() {
        self.setSdkCatalogId(window.APP.constant('account').products.catalog_id);
        window.APP.notifications.show_message({ header: i18n('Congratulations!'), text: i18n('Initialized') });
        return true;
      },
      destroy() {},
    };
    return this;
  };
});
