/**
 * A small well-behaved widget for the tests of the emulator's pages. It writes
 * down every callback, and tries each part of what the host offers on its page
 * in Settings.
 */
define(['jquery', 'underscore', 'backbone', 'moment', 'twigjs', './calls.js', 'lib/components/base/modal', 'text!/widgets/fixture/templates/card.twig'], function (
  $, _, Backbone, moment, twig, calls, Modal, card
) {
  'use strict';

  return function Fixture() {
    const self = this;
    const inConstructor = `${self.get_version()}/${self.i18n('userLang.deep.word')}/${self.system().subdomain}`;

    /** What a test wants to know, as text. */
    function facts() {
      return {
        inConstructor,
        versions: [$.fn.jquery, _.VERSION, Backbone.VERSION, moment.version].join(' '),
        area: `${self.system().area} ${window.APP.getWidgetsArea()}`,
        administrator: window.APP.constant('user_rights').is_admin,
        status: self.get_install_status(),
        note: self.get_settings().note,
        control: self.render({ ref: '/tmpl/controls/button.twig' }, { text: 'Press' }).includes('button-input'),
        included: self.render({ data: "{{ include_control('input', {name: 'n'}) }}" }).includes('name="n"'),
        inline: self.render({ data: '{{ a }}!' }, { a: 'yes' }),
        text: card.trim(),
        twig: typeof twig.twig,
        window: typeof Modal,
      };
    }

    function askServer() {
      return self.$authorizedAjax({ url: self.params.note, dataType: 'json' }).then(
        (answer) => $('#fixture-answer').text(answer.token ? 'token received' : 'no token'),
        (xhr) => $('#fixture-answer').text(`refused ${xhr.status}`)
      );
    }

    this.callbacks = {
      render() {
        calls.add('render');
        if (self.system().area === 'lcard') {
          self.render({ href: '/templates/card.twig', base_path: self.params.path, v: self.get_version(), promised: true }).then((template) =>
            self.render_template({ caption: { class_name: 'fixture-caption', html: '' }, body: '', render: template.render({ greeting: 'Hello', name: window.APP.constant('user').name }) })
          );
        }
        return true;
      },
      init() {
        calls.add('init');
        return true;
      },
      bind_actions() {
        calls.add('bind_actions');
        return true;
      },
      settings($body) {
        calls.add('settings');
        $body.find('[id="fixture_custom_content"]').text('Own part of the window');
        return true;
      },
      onSave(event) {
        calls.add(`onSave:${event.active}`);
        if (event.fields.note === 'refuse') {
          return false;
        }
        event.fields.data = JSON.stringify({ seen: true });
        return Promise.resolve(true);
      },
      onInstall() {
        calls.add('onInstall');
      },
      destroy() {
        calls.add('destroy');
      },
      advancedSettings() {
        calls.add('advancedSettings');
        const $place = $('#work-area-fixture');
        $place.empty().append($('<pre id="fixture-facts" tabindex="0" aria-label="Facts">').text(JSON.stringify(facts(), null, 1)));
        $place.append($('<p id="fixture-answer" role="status">'));
        askServer();
      },
    };

    return this;
  };
});
