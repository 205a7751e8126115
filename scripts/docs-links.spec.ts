import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from '@jest/globals';

const LINK = /\]\((?!https?:|mailto:)(?<target>[^)\s]+)\)/g;
const PAGES = globSync(['*.md', 'docs/**/*.md', 'apps/**/*.md', 'libs/**/*.md'], { exclude: ['**/node_modules/**'] });

interface Link {
  page: string;
  target: string;
}

function linksOf(page: string): Link[] {
  return [...readFileSync(page, 'utf8').matchAll(LINK)].map(({ groups }) => ({ page, target: groups?.['target'] ?? '' }));
}

const LINKS = PAGES.flatMap(linksOf);

test('there are pages, and they have links', () => {
  expect(PAGES).toContain('README.md');
  expect(LINKS.length).toBeGreaterThan(50);
});

test('every link of a page within the project leads to something', () => {
  const leadsTo = ({ page, target }: Link) => existsSync(join(dirname(page), target.replace(/#.*$/, '')));
  expect(LINKS.filter((link) => !leadsTo(link))).toEqual([]);
});

test('the list of pages has every page and every decision', () => {
  const listed = LINKS.filter(({ page }) => page === 'docs/README.md').map(({ target }) => join('docs', target));
  const pages = globSync('docs/**/*.md').filter((page) => page !== 'docs/README.md');
  expect(pages.filter((page) => !listed.includes(page))).toEqual([]);
});

/** As GitHub makes it of a heading. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(/\s/g, '-');
}

test('every link to a heading finds it', () => {
  const isLost = ({ page, target }: Link) => {
    const [path = '', ...anchors] = target.split('#');
    if (anchors.length === 0) return false;
    const text = readFileSync(path === '' ? page : join(dirname(page), path), 'utf8');
    return ![...text.matchAll(/^#+ (.+)$/gm)].some(([, heading = '']) => anchors.includes(anchorOf(heading)));
  };
  expect(LINKS.filter(isLost)).toEqual([]);
});
