/** A widget as many are: a block in the card, drawn by `render_template`, with a style sheet of its own. */
define(['jquery'], function ($) {
  return function () {
    var self = this;
    var drawn = 0;

    function draw() {
      drawn += 1;
      self.render_template({
        caption: { class_name: 'km-caption', html: '' },
        body: '',
        render:
          '<div class="km-form"><b>{{ price }}:</b> <output id="calculation-result">{{ result }}</output>' +
          '<button type="button" class="km-again">{{ again }} {{ drawn }}</button></div>',
      }, {
        price: self.i18n('card').price,
        again: self.i18n('card').again,
        result: 7 * Number(self.params.rate),
        drawn: drawn,
      });
    }

    this.callbacks = {
      render: function () {
        var href = self.params.path + '/style.css?v=' + self.get_version();
        if (!$('link[href="' + href + '"]').length) {
          $('head').append('<link rel="stylesheet" href="' + href + '">');
        }
        if (self.system().area === 'lcard') {
          draw();
        }
        return true;
      },
      init: function () {
        return true;
      },
      bind_actions: function () {
        $(document).on('click.km', '.km-again', draw);
        return true;
      },
      settings: function () {
        return true;
      },
      onSave: function () {
        return true;
      },
      destroy: function () {
        $(document).off('.km');
      },
    };

    return this;
  };
});
