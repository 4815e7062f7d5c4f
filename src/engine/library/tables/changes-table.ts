/** Change notices: counters by which any process sees cheaply that something is new, whoever wrote it. */
import type { Revisions, RevisionTopic } from '../../../shared/revisions.ts';
import { revisionTopics } from '../../../shared/revisions.ts';
import type { Connection } from '../sqlite-connection.ts';

export class ChangesTable {
  readonly #connection: Connection;
  readonly #statements;

  constructor(connection: Connection) {
    this.#connection = connection;
    this.#statements = prepareStatements(connection);
  }

  /** The revision of every topic; it only ever grows. */
  current(): Revisions {
    const revisions: Revisions = { songs: 0, verdicts: 0, jobs: 0, folders: 0, filters: 0 };
    for (const { topic, revision } of this.#statements.selectAll.all({})) revisions[topic] = revision;
    return revisions;
  }

  /** The topics that have changed since these revisions were current. */
  since(known: Revisions): RevisionTopic[] {
    const current = this.current();
    return revisionTopics.filter((topic) => current[topic] !== known[topic]);
  }

  /** A number that is another one whenever somebody else has written anything, whatever it was. */
  othersVersion(): number {
    return Number(this.#connection.pragma('data_version'));
  }

  /** Tells that a topic has changed, for tables too large for a trigger on every row. */
  bump(topic: RevisionTopic): void {
    this.#statements.bump.run({ topic });
  }
}

function prepareStatements(connection: Connection) {
  return {
    selectAll: connection.statement<object, { topic: RevisionTopic; revision: number }>(
      `SELECT topic, revision FROM changes WHERE topic IN ('songs', 'verdicts', 'jobs', 'folders', 'filters')`,
    ),
    bump: connection.statement<{ topic: RevisionTopic }>(
      `UPDATE changes SET revision = revision + 1 WHERE topic = @topic`,
    ),
  };
}
