/**
 * The contact details a form starts with: what the person told us before, or
 * else what the page knows. They become ours only when the person sends them.
 */
define(function () {
  'use strict';

  return function person({ host, service }) {
    return {
      details(standing) {
        const offered = host.person();
        if (!standing.generation) {
          return Promise.resolve(offered);
        }
        return service.me(host.lang()).then(
          (me) => (me.person ? Object.assign(offered, me.person.contact) : offered),
          () => offered
        );
      },
    };
  };
});
