/** Turns a head that was found on disk, or the built-in one, into something that can be loaded and cached by. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { BangerError } from '../../shared/errors.ts';
import type { HeadGraph } from '../../shared/graphs.ts';
import type { HeadCard } from '../../shared/head-card.ts';
import type { ModelDescription } from '../../shared/library.ts';
import { draftId, findCatalogueEntry } from './catalogue.ts';
import { fingerprintFiles } from './checkpoint-fingerprint.ts';
import { buildDraftHeadGraph } from './draft-graph.ts';
import { readHeadCard } from './head-card-file.ts';
import { buildHeadGraph } from './head-graph.ts';
import type { ResolvedHead } from './model-store.ts';
import type { PrepareModelOptions } from './prepared-encoder.ts';
import { withCheckpoint } from './with-checkpoint.ts';

/** A head that was checked and whose numbers have a name; it is small and held whole. */
export interface PreparedHead {
  description: ModelDescription;
  /** The encoder that it was trained on, null where nobody said. */
  encoderId: string | null;
  /** SHA-256 of that encoder, null where the head's file has no model card that says so. */
  encoderSha256: string | null;
  graph: HeadGraph;
}

/**
 * Reads and checks a head. Whoever trained one on the draft, its scores are drafts and it is marked as such.
 *
 * @throws BangerError `model-missing`, `checkpoint-corrupt`, `checkpoint-refused`, `checkpoint-mismatch`,
 *   `file-unreadable`, `cancelled`
 */
export async function prepareHead(
  resolved: ResolvedHead,
  options: PrepareModelOptions,
): Promise<PreparedHead> {
  const describe = (graph: HeadGraph, sha256: string, card: HeadCard | null): PreparedHead => {
    const encoderId = resolved.encoderId ?? card?.encoder.id ?? null;
    return {
      description: {
        name: resolved.id,
        label: findCatalogueEntry('head', resolved.id)?.title ?? resolved.id,
        sha256,
        embeddingSize: graph.embeddingSize,
        isDraft: resolved.source === 'built-in' || encoderId === draftId,
      },
      encoderId,
      encoderSha256: card?.encoder.sha256 ?? null,
      graph,
    };
  };
  if (resolved.source === 'built-in') {
    const graph = buildDraftHeadGraph();
    return describe(graph, createHash('sha256').update(graph.onnx).digest('hex'), null);
  }
  const graph = await withCheckpoint(resolved.file, buildHeadGraph);
  const [fingerprint] = await fingerprintFiles([resolved.file], {
    indexPath: join(options.cacheFolder, 'fingerprints.json'),
    signal: options.signal,
  });
  return describe(graph, fingerprint?.sha256 ?? '', await readHeadCard(resolved.file));
}

/**
 * Refuses a head that was made for another encoder.
 *
 * @throws BangerError `checkpoint-mismatch` with the reason
 */
export function requireMatchingHead(encoder: ModelDescription, head: PreparedHead): void {
  const { description, encoderId, encoderSha256 } = head;
  const nextStep = `Choose a head that was trained on ${encoder.name}, or the encoder of this head.`;
  if (description.isDraft !== encoder.isDraft) {
    throw new BangerError(
      'checkpoint-mismatch',
      `The head “${description.name}” and the encoder “${encoder.name}” do not belong together.`,
      { nextStep },
    );
  }
  if (description.embeddingSize !== encoder.embeddingSize) {
    throw new BangerError(
      'checkpoint-mismatch',
      `The head “${description.name}” takes embeddings of ${description.embeddingSize} values; the encoder “${encoder.name}” makes ${encoder.embeddingSize}.`,
      { nextStep },
    );
  }
  if (encoderSha256 !== null && encoderSha256 !== encoder.sha256) {
    throw new BangerError(
      'checkpoint-mismatch',
      `The head “${description.name}” was trained on ${encoderId ?? 'another encoder'}, whose weights or configuration are not those of ${encoder.name}.`,
      { nextStep },
    );
  }
  if (encoderId !== null && findCatalogueEntry('encoder', encoder.name) && encoderId !== encoder.name) {
    throw new BangerError(
      'checkpoint-mismatch',
      `The head “${description.name}” was trained on ${encoderId}, not on ${encoder.name}.`,
      { nextStep },
    );
  }
}
