/* The pages of one face, those that one's roles open, as a row of links. */

import { isWithin, route } from "../router.js";
import { hasRole } from "../session.js";
import { say } from "../words.js";
import { html } from "./html.js";

/* The page one is on: the longest path that leads here. */
function here(pages) {
	return pages.filter((page) => isWithin(route.path, page.path)).toSorted((a, b) => b.path.length - a.path.length)[0];
}

/* pages: [{ path, word, roles }]; without roles for everybody. carry: a query ("?as_of=12") that goes along. */
export function Pages({ pages, word = "pages", carry = "" }) {
	const mine = pages.filter((page) => !page.roles || hasRole(page.roles));
	const now = here(mine);

	return html`<nav class="pages" aria-label=${say(word)}>${mine.map((page) => html`<a key=${page.path} href=${page.path + carry}
		aria-current=${page === now ? "page" : null}>${say(page.word)}</a>`)}</nav>`;
}
