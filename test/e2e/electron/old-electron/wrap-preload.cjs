/** The product's preload script with the one thing before it that an old Electron lacks: `webUtils`. */
'use strict';
const { readFileSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');

/** Once upon a time a file told its path itself. */
const before = `
const requireOld = require;
require = (name) => name === 'electron'
  ? { ...requireOld('electron'), webUtils: { getPathForFile: (file) => file.path ?? '' } }
  : requireOld(name);
`;

/** @param {string} preload @param {string} folder that goes with the test's home */
function wrapPreload(preload, folder) {
  const file = join(folder, 'preload-of-the-test.cjs');
  writeFileSync(file, before + readFileSync(preload, 'utf8'));
  return file;
}

module.exports = { wrapPreload };
