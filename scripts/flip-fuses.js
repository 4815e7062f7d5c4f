/** electron-builder's hook after packing: sets Electron's fuses in the app's own copy of its program. */
import { join } from 'node:path';
import { flipFuses, FuseV1Options, FuseVersion, getCurrentFuseWire } from '@electron/fuses';

/** What the packed app can and cannot do, whatever its environment and command line say. */
export const fuses = {
  [FuseV1Options.RunAsNode]: false,
  [FuseV1Options.EnableCookieEncryption]: true,
  [FuseV1Options.EnableNodeOptionsEnvironmentVariable]: false,
  [FuseV1Options.EnableNodeCliInspectArguments]: false,
  [FuseV1Options.EnableEmbeddedAsarIntegrityValidation]: true,
  [FuseV1Options.OnlyLoadAppFromAsar]: true,
  [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: false,
  [FuseV1Options.GrantFileProtocolExtraPrivileges]: false,
};

/** @param {import('electron-builder').AfterPackContext} context */
export default async function flipFusesAfterPack({ appOutDir, packager, electronPlatformName }) {
  const program = programFile(appOutDir, packager, electronPlatformName);
  const known = await getCurrentFuseWire(program);
  // An old Electron, as the tests use one, has fewer fuses.
  const settings = Object.fromEntries(Object.entries(fuses).filter(([fuse]) => fuse in known));
  await flipFuses(program, {
    version: FuseVersion.V1,
    resetAdHocDarwinSignature: electronPlatformName === 'darwin',
    ...settings,
  });
}

/**
 * @param {string} folder
 * @param {import('electron-builder').AfterPackContext['packager']} packager
 * @param {string} platform
 */
function programFile(folder, packager, platform) {
  const { productFilename } = packager.appInfo;
  if (platform === 'darwin') return join(folder, `${productFilename}.app`);
  return join(folder, platform === 'win32' ? `${productFilename}.exe` : packager.executableName);
}
