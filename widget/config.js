/**
 * Where this copy of the widget belongs: the address of the Accord service
 * and the code of the Product. `accord widget pack --backend URL --product C`
 * writes this file anew in the archive; nothing else has to change.
 */
define({
  backend: 'http://localhost:8080',
  product: 'demo',
});
