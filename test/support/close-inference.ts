/** A program that makes one call to an inference process, closes it and has nothing else to live for. */
import { InferenceClient } from '../../src/engine/inference/inference-client.ts';

const client = new InferenceClient();
await client.status();
await client.close();
process.stdout.write('closed\n');
