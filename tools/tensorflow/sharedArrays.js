// Gives specs Node's own typed arrays. Those of the addon are Node's, and a spec's `instanceof` would not know them.
const { TestEnvironment } = require('jest-environment-node');

module.exports = class extends TestEnvironment {
  constructor(...args) {
    super(...args);
    Object.assign(this.global, { Float32Array, Int32Array });
  }
};
