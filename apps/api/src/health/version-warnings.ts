/** First minor release of each supported line without known security holes. */
const SAFE_MINORS: ReadonlyMap<number, number> = new Map([
  [15, 18],
  [16, 14],
  [17, 10],
  [18, 4],
]);

/** What there is to say about a server; `versionNum` as PostgreSQL's `server_version_num` has it, 180004 for 18.4. */
export function versionWarnings(versionNum: number): string[] {
  const major = Math.floor(versionNum / 10_000);
  const minor = versionNum % 10_000;
  const safe = SAFE_MINORS.get(major);
  if (safe === undefined) return [`PostgreSQL ${major} is not among the versions that are tested: ${[...SAFE_MINORS.keys()].join(', ')}.`];
  return minor < safe ? [`PostgreSQL ${major}.${minor} has known security holes: update it to ${major}.${safe} or newer.`] : [];
}
