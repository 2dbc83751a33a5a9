/*
 * Addresses of the program: paths of this origin, by the History API. Filters of a page stand in the query, so that an
 * address can be kept and given away. A link is an <a href>; nothing else is needed for it.
 */

const changed = new Set();

export const route = { path: location.pathname, query: new URLSearchParams(location.search) };

/* tell(moved) after a change; moved: another page, not only other filters. */
export function onRoute(tell) {
	changed.add(tell);
	return () => changed.delete(tell);
}

function read() {
	const moved = route.path !== location.pathname;

	Object.assign(route, { path: location.pathname, query: new URLSearchParams(location.search) });
	for (const tell of changed)
		tell(moved);
}

/* Goes to a path with its query; `replace` leaves the present one out of the history. */
export function go(href, { replace = false } = {}) {
	if (href !== location.pathname + location.search)
		history[replace ? "replaceState" : "pushState"](null, "", href);
	read();
}

/* Sets filters of the present page; null or "" takes one away. */
export function setQuery(values) {
	const query = new URLSearchParams(route.query);

	for (const [name, value] of Object.entries(values)) {
		if (value === null || value === undefined || value === "")
			query.delete(name);
		else
			query.set(name, String(value));
	}
	go(query.size > 0 ? `${route.path}?${query}` : route.path, { replace: true });
}

/* True for "/desk" and all beneath it. */
export function isWithin(path, root) {
	return path === root || path.startsWith(`${root}/`);
}

/* A link to an address of ours stays in the page, unless a new tab or a file is wanted. */
function follow(event) {
	const link = event.target.closest?.("a[href]");

	if (!link || event.defaultPrevented || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey)
		return;
	if (link.target !== "" || link.hasAttribute("download") || link.origin !== location.origin || link.getAttribute("href").startsWith("#"))
		return;
	event.preventDefault();
	go(link.pathname + link.search);
}

export function startRouter() {
	document.addEventListener("click", follow);
	addEventListener("popstate", read);
}
