/**
 * A widget that names every module amoCRM lists and the emulator does not have,
 * and uses one of them when its block is drawn.
 */
define(['chartjs', 'clipboard', 'google-libphonenumber', 'FileAPI', 'accounting', 'browser-detect', 'cocktail', 'colorpicker', 'cropperjs', 'device', 'enquire', 'fullcalendar', 'intl_tel_input', 'jplayer', 'js-uuid', 'pubsub', 'quill', 'rangeslider', 'steady', 'store', 'virtualized-list', 'lib/components/base/confirm'], function (Chart, Clipboard, phones) {
  'use strict';

  const { PhoneNumberFormat } = phones;

  return function Absent() {
    const self = this;
    this.callbacks = {
      render() {
        if (self.system().area === 'lcard') {
          self.render_template({ caption: {}, body: '<p class="absent-block">before the chart</p>', render: '' });
          document.body.dataset.absentFormat = typeof PhoneNumberFormat.E164;
          new Chart(document.createElement('canvas'), {});
        }
        return true;
      },
      init: () => true,
      bind_actions: () => true,
      settings: () => true,
      onSave: () => true,
      destroy() {},
    };
    return this;
  };
});
