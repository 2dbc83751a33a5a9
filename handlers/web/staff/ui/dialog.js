/* A dialog over the page: the browser keeps the focus within and gives it back; Escape closes. */

import { say } from "../words.js";
import { html, useEffect, useRef, useState } from "./html.js";
import { ProblemNote } from "./notices.js";

/* acts: buttons beside that which closes. */
export function Dialog({ title, close, closeWord = "close_dialog", acts, children }) {
	const at = useRef(null);

	useEffect(() => {
		at.current.showModal();
	}, []);
	return html`<dialog ref=${at} aria-labelledby="dialog-title" onClose=${close}>
		<h2 id="dialog-title">${title}</h2>
		${children}
		<p class="row">${acts}<button type="button" class="quiet" onClick=${() => at.current.close()}>${say(closeWord)}</button></p>
	</dialog>`;
}

/*
 * Asks before something is done: `word` names it on the button, `run()` does it. Closed when that is done; what went wrong
 * is told within, and it may be tried again. `grave` for what cannot be taken back.
 */
export function Confirm({ title, word, run, close, grave = false, children }) {
	const [busy, setBusy] = useState(false);
	const [problem, refuse] = useState(null);

	async function confirm() {
		setBusy(true);
		refuse(null);
		try {
			await run();
			close();
		} catch (refused) {
			refuse(refused);
			setBusy(false);
		}
	}

	const act = html`<button type="button" class="main ${grave ? "grave" : ""}" disabled=${busy} onClick=${confirm}>${say(word)}</button>`;
	return html`<${Dialog} title=${title} close=${close} closeWord="cancel" acts=${act}>
		${children}
		<${ProblemNote} what=${word} problem=${problem} />
	<//>`;
}
