/**
 * What the page around us knows: the widget's code, the person at the screen,
 * the account, the language. Only read, never written. A fact the page does
 * not tell is an empty text.
 */
define(function () {
  'use strict';

  return function host(widget) {
    const app = () => window.APP || window.AMOCRM || {};

    function constant(key) {
      try {
        return app().constant(key) || {};
      } catch (error) {
        return {};
      }
    }

    function params() {
      const settings = widget.get_settings ? widget.get_settings() : {};
      return Object.assign({}, settings, widget.params);
    }

    const system = () => (widget.system && widget.system()) || {};

    return {
      code: () => params().widget_code || '',
      version: () => (widget.get_version ? widget.get_version() : params().version) || '',
      lang: () => app().lang_id || system().lang || document.documentElement.lang || 'en',
      accountId: () => String(constant('account').id || ''),
      isAdministrator: () => Boolean(constant('user_rights').is_admin),
      userId: () => Number(constant('user').id) || null,

      // Vendors' pages disagree on which of the two holds the widget's files.
      folder: () => String(params().cdn_path || params().path || '').replace(/\/+$/, ''),

      /** `install`, `not_configured` or `installed`, as the host calls them. */
      status: () => (widget.get_install_status ? widget.get_install_status() : params().status) || '',

      /** The place for which the widget was called. */
      area: () => String(system().area || ''),

      /** Both names of the place we are in: the widget's own and the page's. */
      areas: () => {
        const page = app().getWidgetsArea ? app().getWidgetsArea() : '';
        return [system().area, page].filter(Boolean).map(String);
      },

      /** Contact details the page can offer; the person sends them or does not. */
      person: () => {
        const user = constant('user');
        return {
          name: user.name || '',
          company: constant('account').name || '',
          position: '',
          phone: user.personal_mobile || '',
          email: /@/.test(user.login || '') ? user.login : system().amouser || '',
          language: app().lang_id || 'en',
        };
      },

      /** Says something in the host's own way, for where nothing of ours is on the screen. */
      notify: (header, text) => {
        const { notifications } = app();
        if (notifications && notifications.show_message_error) {
          notifications.show_message_error({ header, text });
        }
      },

      /** Address of the Publisher's support from the manifest, for when things go wrong. */
      support: () => {
        const support = params().support || {};
        if (support.email) {
          return { label: support.email, href: `mailto:${support.email}` };
        }
        return support.link ? { label: support.link, href: support.link } : null;
      },
    };
  };
});
