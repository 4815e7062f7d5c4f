/** Decides which files and folders a person wants passed over. */
import picomatch from 'picomatch';
import { BangerError } from '../../shared/errors.ts';

/**
 * Whether a path below a watched folder is ignored. Asked for every level from the top, so that what lies in an
 * ignored folder is never asked about.
 *
 * @param relativePath with `/` between its parts on every system
 */
export type IgnoreRules = (relativePath: string, isFolder: boolean) => boolean;

/**
 * Reads patterns that work like those of `.gitignore`: without a slash they match a name in any folder, with one a
 * path from the top; a slash at the end means folders only; `!` takes back what an earlier pattern ignored.
 *
 * @throws BangerError `usage` for a pattern that cannot be read
 */
export function compileIgnorePatterns(patterns: readonly string[]): IgnoreRules {
  const rules = patterns.filter((pattern) => pattern.trim() !== '').map(compilePattern);
  return (relativePath, isFolder) => {
    const name = relativePath.slice(relativePath.lastIndexOf('/') + 1);
    return rules.reduce((isIgnored, rule) => {
      if (rule.isForFolders && !isFolder) return isIgnored;
      return rule.matches(rule.isForNames ? name : relativePath) ? !rule.takesBack : isIgnored;
    }, false);
  };
}

interface IgnoreRule {
  matches: (text: string) => boolean;
  takesBack: boolean;
  isForFolders: boolean;
  isForNames: boolean;
}

function compilePattern(pattern: string): IgnoreRule {
  const takesBack = pattern.startsWith('!');
  const isForFolders = pattern.endsWith('/');
  const glob = pattern.slice(takesBack ? 1 : 0, isForFolders ? -1 : undefined);
  try {
    const matches = picomatch(glob.replace(/^\//, ''), {
      dot: true,
      nonegate: true,
      nocase: process.platform !== 'linux',
      // Names may hold newlines, which `**` must match too.
      flags: 's',
    });
    return { matches, takesBack, isForFolders, isForNames: !glob.includes('/') };
  } catch (cause) {
    throw new BangerError('usage', `The ignore pattern “${pattern}” cannot be read.`, {
      cause,
      details: String(cause),
      nextStep: 'Patterns work like those of .gitignore: *.wav, drafts/, renders/**/old.',
    });
  }
}
