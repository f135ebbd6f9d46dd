/**
 * Keeps a node of ours on the page. A widget that draws its own part of a card,
 * of a window or of a page usually replaces everything in it, and ours with it;
 * what we have to say must not depend on who draws last.
 */
define(function () {
  'use strict';

  // Somebody who removes it again and again wants it gone more than we want it there.
  const MOST = 50;

  /**
   * Watches a node and puts it back when it is gone.
   * @param {Node} node what must stay
   * @param {function(): boolean} put puts it where it belongs; false where there is no such place
   * @returns {function()} stops watching
   */
  return function keep(node, put) {
    let left = MOST;
    const observer = new MutationObserver(() => {
      if (!node.isConnected && left > 0 && put()) {
        left -= 1;
      }
    });
    observer.observe(document.body, { childList: true, subtree: true });
    return () => observer.disconnect();
  };
});
