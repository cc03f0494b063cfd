import type { RaftPlayground } from '../src/raft-playground.js';
import '../src/raft-playground.js';
import { followTheme } from './theme.js';

/** The playground page: which experiment is shown, and the element for the console. */

const playground = document.querySelector('raft-playground') as RaftPlayground;
const chooser = document.querySelector('#chooser') as HTMLElement;

followTheme(document.querySelector('#theme'));

/** Puts an experiment (`scenario=figure-8`, `servers=5`, optionally with a seed) on the element. */
function show(query: string): void {
  const wanted = new URLSearchParams(query);
  for (const name of ['scenario', 'rule', 'servers', 'seed', 'src']) {
    const value = wanted.get(name);
    if (value === null) playground.removeAttribute(name);
    else playground.setAttribute(name, value);
  }
  // A free cluster is for watching; an experiment waits until its question has been read.
  playground.toggleAttribute('autoplay', !wanted.has('scenario'));
}

function check(query: string): void {
  for (const input of chooser.querySelectorAll('input')) input.checked = query.split('&').includes(input.value);
}

function follow(): void {
  const hash = location.hash.slice(1);
  if (hash.startsWith('v1:')) {
    playground.setAttribute('src', location.hash);
    check('');
  } else if (/^(scenario|servers)=/.test(hash)) {
    show(hash);
    check(hash);
  }
}

chooser.addEventListener('change', (event) => {
  const query = (event.target as HTMLInputElement).value;
  history.replaceState(null, '', `#${query}`);
  show(query);
});
addEventListener('hashchange', follow);
follow();

// For the console: `raft.cluster.view()`, `console.table(raft.cluster.view().servers)`.
Object.assign(globalThis, { raft: playground });
