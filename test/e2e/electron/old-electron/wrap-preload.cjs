/** The product's preload script with the one thing before it that an old Electron lacks: `webUtils`. */
'use strict';
const { mkdtempSync, readFileSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');

/** Once upon a time a file told its path itself. */
const before = `
const requireOld = require;
require = (name) => name === 'electron'
  ? { ...requireOld('electron'), webUtils: { getPathForFile: (file) => file.path ?? '' } }
  : requireOld(name);
`;

function wrapPreload(preload) {
  const file = join(mkdtempSync(join(tmpdir(), 'banger-preload-')), 'preload.cjs');
  writeFileSync(file, before + readFileSync(preload, 'utf8'));
  return file;
}

module.exports = { wrapPreload };
