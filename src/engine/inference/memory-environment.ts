/** How the C library of an inference process hands out memory. */

/**
 * - `hugetlb`: huge pages where the system offers them on request. The matrices of a large encoder span hundreds of
 *   thousands of pages, whose addresses the processor would look up again and again: 3 to 4 % of a song.
 * - `arena_max`: one pool for all threads, as only one of them works on a clip's large values at a time.
 */
const tunables = { 'glibc.malloc.hugetlb': '1', 'glibc.malloc.arena_max': '1' };

/**
 * Environment variables for an inference process besides this one's own. Other C libraries than glibc ignore them.
 *
 * @param environment this process's own; what it sets stays
 */
export function memoryEnvironment(environment: NodeJS.ProcessEnv = process.env): Record<string, string> {
  const own = environment['GLIBC_TUNABLES'] ?? '';
  const added = Object.entries(tunables)
    .filter(([name]) => !own.includes(name))
    .map(([name, value]) => `${name}=${value}`);
  return { GLIBC_TUNABLES: [own, ...added].filter((part) => part !== '').join(':') };
}
