/**
 * `APP`, also called `AMOCRM`: what a widget may read about the page, the
 * account and the person, and the few things it may call.
 */
define(['facts', 'notifications', 'backbone', 'underscore'], function (facts, notifications, Backbone, _) {
  'use strict';

  const GROUP = 'group_0';
  const CATALOG = 9001;
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
    account: Object.assign({}, facts.account, {
      language: facts.lang,
      current_user: facts.user.id,
      // The account's list of products; the generator of Kommo's widgets reads its number.
      products: { catalog_id: CATALOG },
    }),
    managers: _.object(facts.users.map((user) => [user.id, manager(user)])),
    groups: { [GROUP]: 'Sales' },
    task_types: { 1: { id: 1, type: 'FOLLOW_UP', option: 'Follow-up' }, 2: { id: 2, type: 'MEETING', option: 'Meeting' } },
  };

  // Types of custom fields by the names that the API gives them.
  const FIELD_TYPES = {
    text: 1,
    numeric: 2,
    checkbox: 3,
    select: 4,
    multiselect: 5,
    date: 6,
    url: 7,
    multitext: 8,
    textarea: 9,
    radiobutton: 10,
    streetaddress: 11,
    smart_address: 13,
    birthday: 14,
    legal_entity: 15,
    items: 16,
    date_time: 19,
    price: 20,
    category: 21,
    tracking_data: 23,
  };
  const ELEMENT_TYPES = { contacts: 1, leads: 2, companies: 3, customers: 12 };

  /** How people write dates here, in the words of moment. */
  const DATES = {
    date: 'DD.MM.YYYY',
    date_short: 'DD.MM',
    time: 'HH:mm',
    time_full: 'HH:mm:ss',
    full: 'DD.MM.YYYY HH:mm',
    date_full: 'DD.MM.YYYY HH:mm:ss',
  };

  // Where the person is; `pages.js` sets it.
  const place = { entity: '', page: '', page_v3: '', isCard: false };

  const app = {
    lang_id: facts.lang,
    notifications,
    data: { current_card: false, current_list: false, current_entity: '', is_card: false, current_view: { $el: null } },
    element_types: ELEMENT_TYPES,
    cf_types: FIELD_TYPES,
    system: { format: { date: DATES }, timezone: facts.account.timezone },
    widgets: {
      list: {},
      system: {
        area: '',
        amouser: facts.user.login,
        amouser_id: facts.user.id,
        subdomain: facts.account.subdomain,
        domain: location.host,
        server: location.origin,
      },
    },
    sdk: {
      // Who is at work: here, whoever looks.
      showUserStatus: () => _.object(facts.users.map(({ id }) => [id, { id: String(id), online: id === facts.user.id }])),
      setCallingStatus(calling) {
        app.data.calling = Boolean(calling);
      },
      getCallingStatus: () => Boolean(app.data.calling),
    },
    // A copy each time: widgets may not set constants.
    constant: (key) => (key in constants ? JSON.parse(JSON.stringify(constants[key])) : undefined),
    getBaseEntity: () => place.entity,
    getWidgetsArea: () => place.page,
    getV3WidgetsArea: () => place.page_v3,
    isCard: () => place.isCard,

    /** The page that is open now. */
    enter(entered) {
      Object.assign(place, { entity: '', page_v3: '', isCard: false }, entered);
      app.data.current_entity = place.entity;
      app.data.is_card = place.isCard;
      app.data.current_card = place.isCard
        ? {
            id: place.id,
            element_type: ELEMENT_TYPES[place.entity],
            main_user: facts.users[0].id,
            model: new Backbone.Model(Object.assign({ ID: place.id }, place.values)),
          }
        : false;
    },
  };
  window.APP = app;
  window.AMOCRM = app;

  return app;
});
