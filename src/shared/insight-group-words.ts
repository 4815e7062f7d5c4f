/** Says what analyses that compare many things show: genres, prompts, their terms, keys, and the best against the worst. */
import { describeLack } from './insight-lack.ts';
import type { GroupScores } from './insight-parts.ts';
import {
  count,
  counted,
  listed,
  percent,
  pointsApart,
  pointsWithInterval,
  quoted,
} from './insight-phrases.ts';
import type { GroupsInsight, KeysInsight, TermsInsight, TopBottomInsight } from './insight.ts';
import { quantityNames } from './quantity-names.ts';

/** How many clear findings one sentence names. */
const namedFindings = 3;

export function describeGroups(analysis: GroupsInsight): string {
  const lack = describeLack(analysis);
  if (lack !== null) return lack;
  const { ranking, verdict } = analysis;
  const many = analysis.kind;
  const one = many === 'genres' ? 'genre' : 'prompt';
  if (verdict === 'too-few') {
    return `No ${one} can be compared: it takes ${count(ranking.fewest)} songs that have it and as many that have another.`;
  }
  const compared = `${counted(ranking.comparedCount, one, many)} with at least ${count(ranking.fewest)} songs`;
  if (verdict === 'clear') {
    const found = clearGroups(ranking.groups);
    const named = found.length === 0 ? 'some of them' : listed(found);
    return `Of ${compared}, these differ clearly from the other songs here: ${named}. That does not say why.`;
  }
  const [best] = ranking.groups;
  const highest =
    best === undefined
      ? ''
      : ` The highest mean is that of ${quoted(best.name)}, ${pointsWithInterval(best.mean)}.`;
  return `Among ${compared}, differences may well be chance.${highest}`;
}

/** The clear differences, the largest first. */
function clearGroups(groups: readonly GroupScores[]): string[] {
  return groups
    .flatMap(({ name, againstOthers }) =>
      againstOthers?.isClear === true ? { name, difference: againstOthers.difference } : [],
    )
    .sort((a, b) => Math.abs(b.difference.value) - Math.abs(a.difference.value))
    .slice(0, namedFindings)
    .map(({ name, difference }) => `${quoted(name)} ${pointsApart(difference)}`);
}

export function describeTerms(analysis: TermsInsight): string {
  const { verdict, terms, comparedCount, fewestSongsOfTerm, fewestPromptsOfTerm } = analysis;
  if (verdict === 'nothing') return describeLack(analysis) ?? '';
  if (verdict === 'too-few') {
    return (
      `No word or style can be compared: it takes ${count(fewestSongsOfTerm)} songs of ` +
      `${count(fewestPromptsOfTerm)} different prompts that have it, and as many that do not.`
    );
  }
  const compared = counted(comparedCount, 'word or style', 'words and styles');
  if (verdict === 'unclear') {
    return `None of the ${compared} that enough prompts have goes with clearly higher or lower scores; what differs may well be chance.`;
  }
  const found = terms
    .filter(({ isClear }) => isClear)
    .slice(0, namedFindings)
    .map(({ term, difference }) => `${quoted(term)} with scores ${pointsApart(difference)}`);
  return `Of ${compared} compared, some go with clearly different scores here: ${listed(found)}. That does not make them the reason.`;
}

export function describeKeys(analysis: KeysInsight): string {
  const lack = describeLack(analysis);
  if (lack !== null) return lack;
  const { verdict, modes, ranking } = analysis;
  if (verdict === 'too-few') return 'No key and neither major nor minor has enough songs to be compared.';
  const sentences: string[] = [];
  if (modes.difference !== null) {
    const songs = `${counted(modes.minor.songs, 'song')} in minor and ${count(modes.major.songs)} in major`;
    sentences.push(
      modes.isClear
        ? `Of ${songs}, those in minor score ${pointsApart(modes.difference.difference)}.`
        : `Between ${songs} there is no clear difference.`,
    );
  }
  const found = clearGroups(ranking.groups);
  const compared = `${counted(ranking.comparedCount, 'key')} with at least ${count(ranking.fewest)} songs`;
  if (found.length > 0)
    sentences.push(`Of ${compared}, these differ clearly from the others: ${listed(found)}.`);
  else if (ranking.comparedCount > 0) sentences.push(`Among ${compared}, differences may well be chance.`);
  return sentences.join(' ');
}

export function describeTopBottom(analysis: TopBottomInsight): string {
  const lack = describeLack(analysis);
  if (lack !== null) return lack;
  const { verdict, songsOfSide, quantities, shares, comparedCount } = analysis;
  const sides = `the best ${count(songsOfSide)} songs and the worst ${count(songsOfSide)}`;
  if (comparedCount === 0) return `Nothing is known of ${sides} that could differ between them.`;
  if (verdict !== 'clear') {
    return `Between ${sides}, none of ${count(comparedCount)} things compared differs clearly.`;
  }
  const found = [
    ...shares
      .filter(({ isClear }) => isClear)
      .map(
        ({ attribute, value, topShare, bottomShare }) =>
          `${attribute === 'term' ? 'the term ' : ''}${quoted(value)} (${percent(topShare)} of the best, ${percent(bottomShare)} of the worst)`,
      ),
    ...quantities
      .filter(({ isClear }) => isClear)
      .map(
        ({ quantity, cliffsDelta }) =>
          `${quantityNames[quantity].label} (${cliffsDelta.value > 0 ? 'higher' : 'lower'} among the best)`,
      ),
  ];
  const more = found.length > namedFindings ? ` and ${count(found.length - namedFindings)} more` : '';
  const named = more === '' ? listed(found) : found.slice(0, namedFindings).join(', ');
  return `Of ${count(comparedCount)} things compared between ${sides}, these differ clearly: ${named}${more}. That does not make them the reason.`;
}
