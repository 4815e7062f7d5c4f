/** Pulls one model in a process of its own: `node pull-model.ts <endpoint> <cache folder> <model id>`. */
import { planPull, pullModel } from '../../src/engine/models/model-pull.ts';

const [endpoint = '', cacheFolder = '', id = ''] = process.argv.slice(2);
const settings = { endpoint, cacheFolder, token: null, offline: false };
const plan = await planPull(id, settings);
let lastReceivedBytes = 0;
await pullModel(plan, settings, {
  onProgress: ({ receivedBytes }) => {
    lastReceivedBytes = receivedBytes;
    process.send?.({ receivedBytes });
  },
});
process.stdout.write(JSON.stringify({ receivedBytes: lastReceivedBytes, totalBytes: plan.totalBytes }));
