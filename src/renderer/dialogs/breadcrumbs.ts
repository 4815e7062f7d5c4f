/** The way from a root to a folder, one step for each part. */

export interface Breadcrumb {
  /** Null for the list of roots. */
  name: string | null;
  path: string | null;
}

interface Root {
  name: string;
  path: string;
}

/**
 * The steps to a folder: the list of roots where there are several, the root that the folder lies below, and every
 * folder between.
 *
 * @param path absolute; null for the list of roots
 */
export function breadcrumbsOf(path: string | null, roots: readonly Root[]): Breadcrumb[] {
  const top: Breadcrumb[] = roots.length > 1 || path === null ? [{ name: null, path: null }] : [];
  if (path === null) return top;
  const root = roots
    .filter((each) => path === each.path || startsBelow(path, each.path))
    .sort((a, b) => b.path.length - a.path.length)[0];
  const rootPath = root?.path ?? '';
  const crumbs: Breadcrumb[] = root === undefined ? [] : [{ name: root.name, path: root.path }];
  const rest = path.slice(rootPath.length);
  for (const { 0: part, index } of rest.matchAll(/[^/\\]+/g)) {
    crumbs.push({ name: part, path: rootPath + rest.slice(0, index + part.length) });
  }
  return [...top, ...crumbs];
}

function startsBelow(path: string, root: string): boolean {
  return path.startsWith(root) && (/[/\\]$/.test(root) || /[/\\]/.test(path.charAt(root.length)));
}
