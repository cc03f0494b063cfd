import type { RaftPlayground } from '../src/raft-playground.js';
import '../src/raft-playground.js';
import type { Language } from '../src/i18n/index.js';
import { PARTS, titles } from './experiments.js';
import { followLanguage } from './language.js';
import { followTheme } from './theme.js';

/** The playground page: which experiment is shown, and the element for the console. */

const playground = document.querySelector('raft-playground') as RaftPlayground;
const chooser = document.querySelector('#chooser') as HTMLElement;

const shelf = document.querySelector('#experiments') as HTMLSelectElement;

for (const { ids } of PARTS) {
  const group = document.createElement('optgroup');
  group.append(...ids.map((id) => new Option(id, `scenario=${id}`)));
  shelf.append(group);
}

/** Names the experiments; the same options stay, and with them the choice. */
function nameExperiments(language: Language): void {
  for (const [i, group] of [...shelf.querySelectorAll('optgroup')].entries()) {
    group.label = PARTS[i]?.title[language] ?? '';
    for (const option of group.querySelectorAll('option')) {
      const id = option.value.replace('scenario=', '');
      option.textContent = titles.get(id)?.[language] ?? id;
    }
  }
}

followTheme(document.querySelector('#theme'));
followLanguage(document.querySelector('#language'), (language) => {
  nameExperiments(language);
  playground.lang = document.documentElement.lang;
});

/** Puts an experiment (`scenario=figure-8`, `servers=5`, optionally with a seed) on the element. */
function show(query: string): void {
  const wanted = new URLSearchParams(query);
  for (const name of ['scenario', 'variant', 'rule', 'servers', 'seed', 'src']) {
    const value = wanted.get(name);
    if (value === null) playground.removeAttribute(name);
    else playground.setAttribute(name, value);
  }
  // A free cluster is for watching; an experiment waits until its question has been read.
  playground.toggleAttribute('autoplay', !wanted.has('scenario'));
}

function check(query: string): void {
  const parts = query.split('&');
  for (const input of chooser.querySelectorAll('input')) input.checked = parts.includes(input.value);
  shelf.value = parts.find((part) => part.startsWith('scenario=')) ?? '';
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

function choose(query: string): void {
  history.replaceState(null, '', `#${query}`);
  show(query);
  check(query);
}

chooser.addEventListener('change', (event) => choose((event.target as HTMLInputElement).value));
shelf.addEventListener('change', () => choose(shelf.value));
addEventListener('hashchange', follow);
follow();
// Who follows a link comes for what it shows.
playground.toggleAttribute('tour', location.hash === '');

// For the console: `raft.cluster.view()`, `console.table(raft.cluster.view().servers)`.
Object.assign(globalThis, { raft: playground });
