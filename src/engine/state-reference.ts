/** Takes a reference distribution from the library or from what a head was trained with. */
import type { CommandHandlers } from '../shared/contract.ts';
import { BangerError } from '../shared/errors.ts';
import type { referenceCommands, ReferenceSource, StatedReference } from '../shared/reference-commands.ts';
import type { ReferenceDistribution } from '../shared/reference-distribution.ts';
import { maximumReferenceScores } from '../shared/reference-distribution.ts';
import type { Engine } from './engine.ts';
import { cardOf } from './learn-heads.ts';
import { referenceSetting } from './library/query/reference-setting.ts';

/**
 * States percentiles against this from now on; what was stated before is replaced.
 *
 * @throws BangerError `data-unusable` where there are no scores, `model-missing` for an unknown head
 */
export async function stateReference(engine: Engine, source: ReferenceSource): Promise<StatedReference> {
  const reference = source.kind === 'library' ? ofLibrary(engine, source) : await ofHead(engine, source);
  engine.library.settings.set(referenceSetting, reference);
  // Whoever shows a list asks for its percentiles again.
  engine.library.changes.bump('songs');
  return summary(reference);
}

/** What percentiles are stated against, null for the list alone. */
export function statedReference(engine: Engine): StatedReference | null {
  const reference = engine.library.settings.get(referenceSetting);
  return reference && summary(reference);
}

export function referenceHandlers(engine: Engine): CommandHandlers<typeof referenceCommands> {
  return {
    'get-stated-reference': () => ({ reference: statedReference(engine) }),
    'state-reference': ({ source }) => stateReference(engine, source),
  };
}

function ofLibrary(
  { library }: Engine,
  source: Extract<ReferenceSource, { kind: 'library' }>,
): ReferenceDistribution {
  const ranking = library.lists.resolveRanking(source.ranking);
  const { scores } = library.lists.within({ missing: 'shown' }, ranking).scored;
  if (ranking === null || scores.length === 0) {
    throw new BangerError('data-unusable', 'The library has no scores yet.', {
      file: library.file,
      nextStep: 'Score some songs first.',
    });
  }
  const day = new Date().toISOString().slice(0, 10);
  return {
    name: `the ${scores.length.toLocaleString('en')} scored songs of the library on ${day}`,
    encoder: ranking.encoder,
    head: ranking.head,
    scores: thinned(scores),
  };
}

async function ofHead(
  engine: Engine,
  { head, values }: Extract<ReferenceSource, { kind: 'head' }>,
): Promise<ReferenceDistribution> {
  // A head may be named by its file; scores are kept by its id.
  const { id } = await engine.models.resolveHead(head);
  const card = await cardOf(engine, head);
  if (card === null) {
    throw new BangerError('data-unusable', `The head “${id}” does not say what it was trained with.`, {
      nextStep: 'Choose a head that was trained here, or the library.',
    });
  }
  const songs = `the ${card.data.songs.toLocaleString('en')} songs that “${id}” was trained with`;
  return {
    name:
      values === 'labels' ? `the labels (${card.data.label}) of ${songs}` : `that head’s scores of ${songs}`,
    encoder: card.encoder.id,
    head: id,
    scores: values === 'labels' ? card.labelPercentiles : card.scorePercentiles,
  };
}

/** As many scores as are kept, evenly over their order, with both ends; all of them where they are few. */
function thinned(scores: Float64Array): number[] {
  if (scores.length <= maximumReferenceScores) return [...scores];
  const last = maximumReferenceScores - 1;
  return Array.from(
    { length: maximumReferenceScores },
    (_, place) => scores[Math.round((place * (scores.length - 1)) / last)] ?? 0,
  );
}

function summary({ name, encoder, head, scores }: ReferenceDistribution): StatedReference {
  return { name, encoder, head, scoreCount: scores.length };
}
