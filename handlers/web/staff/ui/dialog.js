/* A dialog over the page: the browser keeps the focus within and gives it back; Escape closes. */

import { say } from "../words.js";
import { html, useEffect, useRef } from "./html.js";

export function Dialog({ title, close, children }) {
	const at = useRef(null);

	useEffect(() => {
		at.current.showModal();
	}, []);
	return html`<dialog ref=${at} aria-labelledby="dialog-title" onClose=${close}>
		<h2 id="dialog-title">${title}</h2>
		${children}
		<p class="row"><button type="button" class="quiet" onClick=${() => at.current.close()}>${say("close_dialog")}</button></p>
	</dialog>`;
}
