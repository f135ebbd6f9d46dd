/** Where the widget's own page is drawn. */
define(() => (code) => document.getElementById(`work-area-${code}`));
