/**
 * For tests alone: lets an old Electron (22) run the product's own main, preload and page by supplying the few calls
 * that it lacks. Its own Node cannot load the engine, which therefore runs in a current Node.
 */
'use strict';
const Module = require('node:module');
const { join } = require('node:path');
const { addMissingGlobals, Request } = require('./web-classes.cjs');
const { createUtilityProcess } = require('./utility-process.cjs');
const { wrapPreload } = require('./wrap-preload.cjs');
const { answerAsStream } = require('./answer-as-stream.cjs');

addMissingGlobals();

const electron = require('electron');
// The test driver's own switches stand before what the app is started with.
const driverEnd = process.argv.indexOf('--remote-debugging-port=0');
if (driverEnd !== -1) {
  process.argv.splice(1, driverEnd);
  waitForDriver();
}

/** No window before the driver watches, as its own loader does it for a new Electron; else it may miss the first. */
function waitForDriver() {
  const ready = electron.app.whenReady();
  const watched = new Promise((resolve) => {
    globalThis.__playwright_run = resolve;
  });
  electron.app.whenReady = () => Promise.all([ready, watched]).then(() => undefined);
}

class BrowserWindow extends electron.BrowserWindow {
  constructor(options = {}) {
    const { webPreferences = {} } = options;
    const folder = electron.app.getPath('userData');
    const preload =
      webPreferences.preload === undefined ? undefined : wrapPreload(webPreferences.preload, folder);
    super({ ...options, webPreferences: { ...webPreferences, preload } });
  }
}

/** Its methods have long been those of its class, where tests can listen in; here every object had its own. */
const ownShow = new WeakMap();
electron.Notification.prototype.show ??= function () {
  ownShow.get(this).call(this);
};
const Notification = new Proxy(electron.Notification, {
  construct: (target, given) => {
    const notification = new target(...given);
    ownShow.set(notification, notification.show);
    delete notification.show;
    return notification;
  },
});

const { safeStorage } = electron;
const keyStore = {
  getSelectedStorageBackend: () => 'unknown',
  isAsyncEncryptionAvailable: () => Promise.resolve(safeStorage.isEncryptionAvailable()),
  encryptStringAsync: async (text) => safeStorage.encryptString(text),
  decryptStringAsync: async (bytes) => ({ result: safeStorage.decryptString(bytes), shouldReEncrypt: false }),
};

const supplied = {
  BrowserWindow,
  Notification,
  utilityProcess: createUtilityProcess(join(__dirname, 'utility-child.mjs')),
  protocol: new Proxy(electron.protocol, {
    get: (target, name) =>
      name === 'handle'
        ? (scheme, handler) => target.registerStreamProtocol(scheme, answerAsStream(handler, Request))
        : bound(target, name),
  }),
  safeStorage: new Proxy(electron.safeStorage, {
    get: (target, name) => (Object.hasOwn(keyStore, name) ? keyStore[name] : bound(target, name)),
  }),
};

function bound(target, name) {
  const value = target[name];
  return typeof value === 'function' ? value.bind(target) : value;
}

const patched = new Proxy(electron, {
  get: (target, name) => (Object.hasOwn(supplied, name) ? supplied[name] : target[name]),
});
const load = Module._load;
Module._load = function (request, ...rest) {
  return request === 'electron' ? patched : load.call(this, request, ...rest);
};

require(process.env.BANGER_TEST_MAIN ?? join(__dirname, '../../../../out/main/index.cjs'));
