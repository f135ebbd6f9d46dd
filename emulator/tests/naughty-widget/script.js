/**
 * A widget that does what the vendor's moderation forbids, one thing after the
 * other, so that a test can see each of them reported.
 */
define(['jquery'], function ($) {
  window.naughtyGlobal = 1;
  console.log('loaded');

  return function Naughty() {
    this.callbacks = {
      render: () => true,
      init: () => true,
      bind_actions: () => true,
      settings: function ($body) {
        document.createElement('script');
        window.eval('1 + 1');
        $.ajax({ url: '/widgets/naughty/i18n/en.json', async: false });
        for (let n = 0; n < 12; n += 1) {
          $.ajax({ url: '/widgets/naughty/i18n/en.json' });
        }
        $body.closest('.widget-settings').find('button.js-widget-install').trigger('click');
        return true;
      },
      onSave: () => true,
      destroy: () => undefined,
    };
  };
});
