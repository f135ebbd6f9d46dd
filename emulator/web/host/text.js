/**
 * The loader plug-in `text!path`: gives a file's text to a widget.
 */
define({
  load(name, require, loaded) {
    fetch(require.toUrl(name)).then((answer) => {
      if (!answer.ok) {
        throw new Error(`${answer.status} for ${name}`);
      }
      return answer.text();
    }).then(loaded, loaded.error);
  },
});
