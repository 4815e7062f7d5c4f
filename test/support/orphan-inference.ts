/** A program that starts an inference process, prints its id and waits to be killed. */
import { InferenceClient } from '../../src/engine/inference/inference-client.ts';

const client = new InferenceClient({ idleSeconds: 3600 });
const { processId } = await client.status();
process.stdout.write(`${processId}\n`);
setInterval(() => undefined, 1000);
