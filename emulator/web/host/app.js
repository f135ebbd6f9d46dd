/**
 * `APP`, also called `AMOCRM`: what a widget may read about the page, the
 * account and the person, and the few things it may call.
 */
define(['facts', 'notifications', 'backbone', 'underscore'], function (facts, notifications, Backbone, _) {
  'use strict';

  const GROUP = 'group_0';
  const manager = (user) => ({
    id: String(user.id),
    title: user.name,
    option: user.name,
    login: user.login,
    is_admin: user.is_admin ? 'Y' : 'N',
    active: user.is_active,
    group: GROUP,
    status: 'offline',
  });

  const constants = {
    user: {
      id: facts.user.id,
      login: facts.user.login,
      name: facts.user.name,
      personal_mobile: facts.user.phone || '',
      uuid: '',
      amojo_id: '',
      theme: document.documentElement.dataset.colorScheme,
      settings: {},
      api_key: '',
    },
    user_rights: { is_admin: facts.user.is_admin, is_free: false },
    account: Object.assign({}, facts.account, { language: facts.lang, current_user: facts.user.id }),
    managers: _.object(facts.users.map((user) => [user.id, manager(user)])),
    groups: { [GROUP]: 'Sales' },
    task_types: { 1: { id: 1, type: 'FOLLOW_UP', option: 'Follow-up' }, 2: { id: 2, type: 'MEETING', option: 'Meeting' } },
  };

  // Where the person is; `pages.js` sets it.
  const place = { entity: '', page: '', isCard: false };

  const app = {
    lang_id: facts.lang,
    notifications,
    data: { current_card: false, current_list: false, current_entity: '', current_view: { $el: null } },
    element_types: { contacts: 1, leads: 2, companies: 3, customers: 12 },
    widgets: {
      list: {},
      system: {
        amouser: facts.user.login,
        amouser_id: facts.user.id,
        subdomain: facts.account.subdomain,
        domain: location.host,
        server: location.origin,
      },
    },
    sdk: {
      showUserStatus() {},
      setCallingStatus(calling) {
        app.data.calling = Boolean(calling);
      },
      getCallingStatus: () => Boolean(app.data.calling),
    },
    // A copy each time: widgets may not set constants.
    constant: (key) => (key in constants ? JSON.parse(JSON.stringify(constants[key])) : undefined),
    getBaseEntity: () => place.entity,
    getWidgetsArea: () => place.page,
    isCard: () => place.isCard,

    /** The page that is open now. */
    enter(entered) {
      Object.assign(place, { entity: '', isCard: false }, entered);
      app.data.current_entity = place.entity;
      app.data.current_card = place.isCard
        ? { id: place.id, model: new Backbone.Model(Object.assign({ ID: place.id }, place.values)) }
        : false;
    },
  };
  window.APP = app;
  window.AMOCRM = app;

  return app;
});
