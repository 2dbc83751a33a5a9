/*
 * Keys. A page binds rows while it is shown and the help overlay lists them; a row is one key ("j") or two after each
 * other ("g d"). Nothing is taken while somebody types, with a modifier held, or while a dialog is open.
 */

const SECOND_KEY_MS = 1500;
const layers = [];   /* later ones first: what is bound last is asked first */
let first = { key: "", at: -Infinity };

/* rows: { keys, word, run }; run() returns false when it had nothing to do. Returns how to let go of them. */
export function bindKeys(rows) {
	layers.unshift(rows);
	return () => layers.splice(layers.indexOf(rows), 1);
}

/* All that work now, in the order in which they were bound. */
export function boundKeys() {
	return layers.toReversed().flat();
}

function isTaken(event) {
	const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
	return typing || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]") !== null;
}

function press(event) {
	if (isTaken(event))
		return;
	const both = event.timeStamp - first.at < SECOND_KEY_MS ? `${first.key} ${event.key}` : event.key;
	const rows = layers.flat();
	const row = rows.find((one) => one.keys === both) ?? rows.find((one) => one.keys === event.key);

	first = { key: "", at: -Infinity };
	if (row) {
		if (row.run() !== false)
			event.preventDefault();
	} else if (rows.some((one) => one.keys.startsWith(`${event.key} `))) {
		first = { key: event.key, at: event.timeStamp };
	}
}

export function startKeys() {
	document.addEventListener("keydown", press);
}
