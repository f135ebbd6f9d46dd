/**
 * A widget that makes the calls of Kommo's published tutorial, in its order: it
 * branches on the system's area, makes templates with `twigjs` as a function,
 * draws system controls by their path, reads the account in the page, formats
 * dates as the account does, and asks in `onSave` whether it was installed.
 */
define(['jquery', 'lib/components/base/modal', 'moment', 'twigjs', 'text', './classes/account.js'], function ($, Modal, moment, twig, text, account) {
  'use strict';

  return function Tutorial() {
    const self = this;
    const templates = {};

    /** Registers a template under an id, once, as the library's own registry tells. */
    function load(name) {
      const id = `tutorial_${name}`;
      text.useXhr = () => true;
      return new Promise((resolve) => {
        require([`text!${self.params.path}/templates/${name}.twig?v=${self.get_version()}`], (data) => {
          templates[name] = window.Twig.Templates.registry[id] || twig({ id, data, allowInlineIncludes: true });
          resolve();
        });
      });
    }

    const control = (ref, values) => self.render({ ref: `/tmpl/controls/${ref}.twig` }, values);
    const people = (users) =>
      control('checkboxes_dropdown/values_title', {
        id: 'tutorial-people',
        name_is_array: true,
        items: users.map(({ id, name }) => ({ id, option: name, name: `params[people][${id}]`, is_checked: false })),
      });

    function facts([who, users, tasks, fields]) {
      return [
        `user ${who.current_user_id === window.APP.constant('user').id}`,
        `users ${users.filter(({ rights }) => rights.is_active).length}`,
        `types ${Object.keys(who._embedded.task_types).length}`,
        `tasks ${tasks.length}`,
        `fields ${fields.length}`,
        `birthday ${Number.isInteger(window.APP.cf_types.birthday)}`,
      ].join(', ');
    }

    this.callbacks = {
      render() {
        const { area } = window.APP.widgets.system;
        if (area === 'settings') {
          return true;
        }
        return Promise.all([load('panel')]).then(() => true);
      },
      init() {
        if (window.APP.widgets.system.area === 'lcard') {
          const { date, date_short: short, full } = window.APP.system.format.date;
          const today = moment().format(date);
          const whole = moment(`${today} 23:59`, full).isValid() && today.startsWith(moment().format(short).slice(0, 5));
          self.render_template({
            caption: { class_name: 'tutorial-caption' },
            body: '',
            render: templates.panel.render({ text: `Today ${whole} ${window.APP.data.current_card.element_type} ${window.APP.system.timezone}` }),
          });
        }
        return true;
      },
      bind_actions: () => true,
      settings() {
        const $block = $(`.modal.${self.params.widget_code}`).find('.widget_settings_block');
        const active = ['not_configured', 'installed'].includes(self.params.status);
        load('base')
          .then(() => (active ? Promise.all([account.account(), account.users(), account.tasks(), account.fields('leads')]) : null))
          .then((answers) => {
            const field = control('select', { name: 'params[field]', class_name: 'tutorial-field', items: [{ id: 1, option: 'One' }, { id: 2, option: 'Two' }], selected: 2 });
            $block.prepend(
              templates.base.render({
                active,
                langs: self.i18n('settings'),
                field: active && field,
                people: active && people(answers[1]),
                facts: active && facts(answers),
              })
            );
          });
        return true;
      },
      onSave(event) {
        return new Promise((resolve) => {
          document.body.dataset.tutorialSave = `${event.active} ${self.params.active} ${self.params.status} ${self.get_install_status()}`;
          event.fields.custom = JSON.stringify({ field: $('.tutorial-field').val() || null });
          resolve(true);
        });
      },
      destroy() {},
      dpSettings() {},
    };

    /** For tests: a window without options, as the tutorial opens one. */
    this.say = () => new Modal().showSuccess(self.i18n('settings.done.saved'), false, 3000);

    return this;
  };
});
