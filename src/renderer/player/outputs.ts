/** The audio outputs that this page may name. */

export interface Output {
  deviceId: string;
  name: string;
}

/**
 * Outputs besides the system's own choice. None where the browser does not name them, which it does only for pages
 * that may record.
 */
export async function listOutputs(): Promise<Output[]> {
  if (!('mediaDevices' in navigator)) return [];
  const devices = await navigator.mediaDevices.enumerateDevices();
  return devices
    .filter(({ kind, deviceId, label }) => kind === 'audiooutput' && deviceId !== 'default' && label !== '')
    .map(({ deviceId, label }) => ({ deviceId, name: label }));
}
