/** What a run is called as a file; the name tells when it is not Raft as published. */
export function fileName(id: string, isModified: boolean, ending: string): string {
  const name = id.replaceAll(/[^\p{L}\p{N}._-]+/gu, '-').slice(0, 80) || 'run';
  return `${name}${isModified ? '.modified-raft' : ''}.${ending}`;
}
